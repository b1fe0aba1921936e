-- +goose Up
ALTER TABLE items ADD COLUMN parent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN kin TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN family BIGINT NOT NULL DEFAULT 0;
CREATE INDEX items_parent ON items (parent) WHERE parent <> 0;

-- Invariant 4 over everything that was made from one another: one duty a person and family.
CREATE TABLE family_hands (
  family BIGINT NOT NULL REFERENCES items (id),
  key    TEXT   NOT NULL,
  duty   TEXT   NOT NULL,
  PRIMARY KEY (family, key)
);
