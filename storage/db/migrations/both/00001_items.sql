-- +goose Up
CREATE TABLE counters (
  series TEXT PRIMARY KEY,
  last   BIGINT NOT NULL
);

CREATE TABLE items (
  id          BIGINT PRIMARY KEY,
  version     BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  revision    BIGINT NOT NULL,
  edition     BIGINT NOT NULL, -- which storing of the revision is the present one
  round       BIGINT NOT NULL,
  digest      TEXT   NOT NULL,
  number      TEXT   NOT NULL,
  class       TEXT   NOT NULL,
  urgency     TEXT   NOT NULL,
  unit        TEXT   NOT NULL,
  author      TEXT   NOT NULL,
  author_name TEXT   NOT NULL,
  title       TEXT   NOT NULL,
  site_column TEXT   NOT NULL,
  route       TEXT   NOT NULL,
  undisposed  BIGINT NOT NULL,
  pack        TEXT   NOT NULL,
  created     BIGINT NOT NULL,
  since       BIGINT NOT NULL,
  due         BIGINT NOT NULL,
  changed     BIGINT NOT NULL,
  ends        BIGINT NOT NULL, -- when the last window ends; the greatest BIGINT if one is without end
  channels    TEXT   NOT NULL  -- JSON list of channel ids, for lists
);
CREATE UNIQUE INDEX items_number ON items (number) WHERE number <> '';
CREATE INDEX items_author ON items (author, changed, id, state);
CREATE INDEX items_ends ON items (state, ends);

CREATE TABLE revisions (
  item    BIGINT NOT NULL REFERENCES items (id),
  n       BIGINT NOT NULL,
  edition BIGINT NOT NULL,
  body    TEXT   NOT NULL,
  PRIMARY KEY (item, n, edition)
);

CREATE TABLE decisions (
  item   BIGINT NOT NULL REFERENCES items (id),
  n      BIGINT NOT NULL, -- the item's version that it was taken on
  person TEXT   NOT NULL,
  at     BIGINT NOT NULL,
  body   TEXT   NOT NULL,
  PRIMARY KEY (item, n)
);

-- The box of what a person has done: one row a person and item, with the latest decision.
CREATE TABLE acted (
  person TEXT   NOT NULL,
  item   BIGINT NOT NULL REFERENCES items (id),
  at     BIGINT NOT NULL,
  PRIMARY KEY (person, item)
);
CREATE INDEX acted_at ON acted (person, at, item);

-- Invariant 4: one duty a person and item.
CREATE TABLE hands (
  item BIGINT NOT NULL REFERENCES items (id),
  key  TEXT   NOT NULL,
  duty TEXT   NOT NULL,
  PRIMARY KEY (item, key)
);

CREATE TABLE findings (
  item     BIGINT NOT NULL REFERENCES items (id),
  revision BIGINT NOT NULL,
  id       TEXT   NOT NULL,
  pos      BIGINT NOT NULL, -- order of arrival
  body     TEXT   NOT NULL,
  PRIMARY KEY (item, revision, id)
);

CREATE TABLE scans (
  item     BIGINT NOT NULL REFERENCES items (id),
  revision BIGINT NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (item, revision)
);

CREATE TABLE audience (
  item    BIGINT NOT NULL REFERENCES items (id),
  key     TEXT   NOT NULL,
  changed BIGINT NOT NULL, -- as in items: lists by key come newest first without sorting
  PRIMARY KEY (item, key)
);
CREATE INDEX audience_key ON audience (key, changed, item);

-- Who is waited for may see the item: the foreign key keeps to-do lists inside the audience.
CREATE TABLE waits (
  item BIGINT NOT NULL,
  key  TEXT   NOT NULL,
  due  BIGINT NOT NULL, -- the greatest BIGINT if there is none
  PRIMARY KEY (item, key),
  FOREIGN KEY (item, key) REFERENCES audience (item, key)
);
CREATE INDEX waits_key ON waits (key, due, item);

CREATE TABLE register (
  number    TEXT PRIMARY KEY,
  series    TEXT   NOT NULL,
  n         BIGINT NOT NULL,
  item      BIGINT NOT NULL REFERENCES items (id),
  at        BIGINT NOT NULL,
  by_name   TEXT   NOT NULL,
  void      BIGINT NOT NULL DEFAULT 0,
  void_at   BIGINT NOT NULL DEFAULT 0,
  published BIGINT NOT NULL DEFAULT 0,
  UNIQUE (series, n)
);
CREATE INDEX register_at ON register (at, number);

CREATE TABLE channels (
  id         TEXT PRIMARY KEY,
  pos        BIGINT NOT NULL,
  state      TEXT   NOT NULL,
  gen        BIGINT NOT NULL,
  by_person  TEXT   NOT NULL,
  reason     TEXT   NOT NULL,
  device_key TEXT   NOT NULL,
  body       TEXT   NOT NULL
);

CREATE TABLE deliveries (
  item    BIGINT NOT NULL REFERENCES items (id),
  channel TEXT   NOT NULL REFERENCES channels (id),
  want    TEXT   NOT NULL,
  have    TEXT   NOT NULL,
  gen     BIGINT NOT NULL,
  shown   TEXT   NOT NULL,
  tries   BIGINT NOT NULL,
  error   TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  lease   BIGINT NOT NULL,
  PRIMARY KEY (item, channel)
);
CREATE INDEX deliveries_unsettled ON deliveries (lease, item) WHERE want <> have;
CREATE INDEX deliveries_shelf ON deliveries (channel, at, item) WHERE want = have AND want <> '';

CREATE TABLE routes (
  name TEXT PRIMARY KEY, -- id@version, as items.route
  body TEXT NOT NULL
);

CREATE TABLE setups (
  version BIGINT PRIMARY KEY,
  at      BIGINT NOT NULL,
  body    TEXT   NOT NULL
);
