-- +goose Up
CREATE TABLE proposals (
  id      BIGINT PRIMARY KEY,
  state   TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  decided BIGINT NOT NULL, -- 0 until it is
  same    TEXT   NOT NULL, -- what a verdict proposed, for nobody to be asked twice; empty for what a person wrote
  body    TEXT   NOT NULL,
  changes TEXT   NOT NULL
);
CREATE INDEX proposals_state ON proposals (state, id);
CREATE INDEX proposals_same ON proposals (same) WHERE state = 'proposed' AND same <> '';

-- Invariant 4: who proposed or decided, by every key of the person.
CREATE TABLE proposal_hands (
  key      TEXT   NOT NULL,
  proposal BIGINT NOT NULL REFERENCES proposals (id),
  PRIMARY KEY (key, proposal)
);

-- A version is what its proposal changed; the library is made of them in order.
CREATE TABLE library_versions (
  version  BIGINT PRIMARY KEY,
  proposal BIGINT NOT NULL UNIQUE REFERENCES proposals (id),
  at       BIGINT NOT NULL,
  sha256   TEXT   NOT NULL,
  body     TEXT   NOT NULL
);

CREATE TABLE retros (
  name    TEXT PRIMARY KEY,
  started BIGINT NOT NULL,
  body    TEXT   NOT NULL
);
CREATE INDEX retros_started ON retros (started);

-- One row a finding of a term: what the statistics count.
CREATE TABLE term_hits (
  item     BIGINT NOT NULL REFERENCES items (id),
  revision BIGINT NOT NULL,
  finding  TEXT   NOT NULL,
  library  TEXT   NOT NULL, -- without its version
  term     TEXT   NOT NULL,
  verdict  TEXT   NOT NULL,
  PRIMARY KEY (item, revision, finding)
);
CREATE INDEX term_hits_term ON term_hits (library, term);
