-- +goose Up
-- Where a sealed item stood: what had ended goes back there when it is unsealed.
ALTER TABLE items ADD COLUMN sealed_from TEXT NOT NULL DEFAULT '';
