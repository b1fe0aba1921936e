-- +goose Up
-- What persons may do and what the house is like change by a motion alone: one asks, another decides.
CREATE TABLE motions (
  id      BIGINT PRIMARY KEY,
  kind    TEXT   NOT NULL,
  state   TEXT   NOT NULL,
  subject TEXT   NOT NULL,
  person  TEXT   NOT NULL, -- who asked
  about   TEXT   NOT NULL, -- whose roles; empty for the house
  at      BIGINT NOT NULL,
  asked   TEXT   NOT NULL, -- never written again
  settled TEXT   NOT NULL
);
CREATE INDEX motions_kind ON motions (kind, state, id);
CREATE UNIQUE INDEX motions_waiting ON motions (kind, subject) WHERE state = 'proposed';

-- How often anybody's grants changed; the row locks them all, so that of two who each take a last role away one comes second.
INSERT INTO counters (series, last) VALUES ('grants', 0);
