-- +goose Up
-- What was disposed of may be emptied, nothing else.
-- +goose StatementBegin
CREATE FUNCTION disposed_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT state FROM items WHERE id = old.item) <> 'disposed' THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
DROP TRIGGER decisions_append ON decisions;
DROP TRIGGER revisions_append ON revisions;
CREATE TRIGGER decisions_append BEFORE DELETE OR TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER revisions_append BEFORE DELETE OR TRUNCATE ON revisions FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions FOR EACH ROW EXECUTE FUNCTION disposed_only();
CREATE TRIGGER revisions_update BEFORE UPDATE ON revisions FOR EACH ROW EXECUTE FUNCTION disposed_only();
