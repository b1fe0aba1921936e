-- +goose Up
-- The signed record of the act that made a row what it is: who can write rows can't sign. Empty where nobody signed.
ALTER TABLE items ADD COLUMN word TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN word TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN word TEXT NOT NULL DEFAULT '';
ALTER TABLE setups ADD COLUMN word TEXT NOT NULL DEFAULT '';
