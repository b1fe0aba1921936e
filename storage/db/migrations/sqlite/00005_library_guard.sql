-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER library_versions_update BEFORE UPDATE ON library_versions BEGIN SELECT RAISE(ABORT, 'library_versions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER library_versions_delete BEFORE DELETE ON library_versions BEGIN SELECT RAISE(ABORT, 'library_versions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proposals_changes BEFORE UPDATE OF changes ON proposals BEGIN SELECT RAISE(ABORT, 'changes of a proposal stay'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proposals_delete BEFORE DELETE ON proposals BEGIN SELECT RAISE(ABORT, 'proposals stay'); END;
-- +goose StatementEnd
