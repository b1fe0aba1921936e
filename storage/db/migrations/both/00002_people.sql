-- +goose Up
CREATE TABLE people (
  id     TEXT PRIMARY KEY,
  name   TEXT   NOT NULL,
  unit   TEXT   NOT NULL,
  frozen BIGINT NOT NULL
);

-- Every directory id and employee number ever held: a key never leaves its person.
CREATE TABLE person_keys (
  key    TEXT PRIMARY KEY,
  person TEXT   NOT NULL REFERENCES people (id),
  pos    BIGINT NOT NULL
);
CREATE INDEX person_keys_person ON person_keys (person, pos);

CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  person  TEXT NOT NULL REFERENCES people (id)
);

CREATE TABLE grants (
  person TEXT   NOT NULL REFERENCES people (id),
  role   TEXT   NOT NULL,
  scope  TEXT   NOT NULL,
  pos    BIGINT NOT NULL,
  PRIMARY KEY (person, role, scope)
);

CREATE TABLE sessions (
  hash    TEXT PRIMARY KEY,
  person  TEXT   NOT NULL REFERENCES people (id),
  csrf    TEXT   NOT NULL,
  created BIGINT NOT NULL,
  seen    BIGINT NOT NULL,
  ended   BIGINT NOT NULL,
  address TEXT   NOT NULL
);
