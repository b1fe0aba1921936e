-- +goose Up
-- Who works on the present step, and who asked for haste: JSON, empty for nobody.
ALTER TABLE items ADD COLUMN claim TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN reminder TEXT NOT NULL DEFAULT '';
