-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER motions_asked BEFORE UPDATE OF asked ON motions BEGIN SELECT RAISE(ABORT, 'what was asked for stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER motions_delete BEFORE DELETE ON motions BEGIN SELECT RAISE(ABORT, 'motions stay'); END;
-- +goose StatementEnd
