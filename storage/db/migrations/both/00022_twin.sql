-- +goose Up
-- What the twins of an item must not say: JSON list, empty for none.
ALTER TABLE items ADD COLUMN covered TEXT NOT NULL DEFAULT '';
