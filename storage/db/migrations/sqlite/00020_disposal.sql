-- +goose Up
-- What was disposed of may be emptied, nothing else.
DROP TRIGGER decisions_update;
DROP TRIGGER revisions_update;
-- +goose StatementBegin
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions WHEN (SELECT state FROM items WHERE id = old.item) <> 'disposed'
BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER revisions_update BEFORE UPDATE ON revisions WHEN (SELECT state FROM items WHERE id = old.item) <> 'disposed'
BEGIN SELECT RAISE(ABORT, 'revisions is append-only'); END;
-- +goose StatementEnd
