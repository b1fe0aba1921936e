-- +goose Up
CREATE TABLE audit (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  item BIGINT NOT NULL,
  at   BIGINT NOT NULL,
  body TEXT   NOT NULL
);
CREATE INDEX audit_item ON audit (item, at, id);

-- What the sequencer has yet to place.
CREATE TABLE pending (
  audit BIGINT PRIMARY KEY
);

-- The Merkle tree: the record at a position, and the hashes that are stored for it.
CREATE TABLE tree (
  seq    BIGINT PRIMARY KEY,
  audit  BIGINT NOT NULL UNIQUE,
  hashes TEXT   NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER audit_queue AFTER INSERT ON audit
BEGIN INSERT INTO pending (audit) VALUES (new.id); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_update BEFORE UPDATE ON tree BEGIN SELECT RAISE(ABORT, 'tree is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_delete BEFORE DELETE ON tree BEGIN SELECT RAISE(ABORT, 'tree is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER revisions_update BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER revisions_delete BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;
-- +goose StatementEnd
