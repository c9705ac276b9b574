-- The first schema. Times are nanoseconds since 1970 UTC. Names that compare
-- without case have a *_key column with the lower-case form, so that plain
-- comparison and plain indexes do the work.

CREATE TABLE installation (
  one             INTEGER PRIMARY KEY CHECK (one = 1),
  id              TEXT    NOT NULL CHECK (length(id) = 36),
  created         INTEGER NOT NULL,
  demo            INTEGER NOT NULL CHECK (demo IN (0, 1)),
  log_key_id      TEXT    NOT NULL,
  log_key         BLOB    NOT NULL,
  identity_master TEXT    NOT NULL,
  token_label     TEXT    NOT NULL,
  token_serial    TEXT    NOT NULL
) STRICT;

-- What an installation is does not change after it was made; above all a demo
-- never becomes a real one.
CREATE TRIGGER installation_fixed BEFORE UPDATE OF one, id, created, demo ON installation
BEGIN SELECT RAISE(ABORT, 'installation facts are fixed'); END;
CREATE TRIGGER installation_once BEFORE INSERT ON installation
WHEN EXISTS (SELECT 1 FROM installation)
BEGIN SELECT RAISE(ABORT, 'installation facts are fixed'); END;
CREATE TRIGGER installation_stays BEFORE DELETE ON installation
BEGIN SELECT RAISE(ABORT, 'installation facts are fixed'); END;

CREATE TABLE vaults (
  id            TEXT    PRIMARY KEY,
  name          TEXT    NOT NULL,
  name_key      TEXT    NOT NULL UNIQUE,
  environment   TEXT    NOT NULL CHECK (environment IN ('prod', 'staging', 'uat', 'test', 'dev')),
  created       INTEGER NOT NULL,
  hardware_only INTEGER NOT NULL CHECK (hardware_only IN (0, 1))
) STRICT;

CREATE TABLE vault_masters (
  vault_id TEXT    NOT NULL REFERENCES vaults (id),
  n        INTEGER NOT NULL CHECK (n >= 1),
  key_id   TEXT    NOT NULL UNIQUE,
  created  INTEGER NOT NULL,
  state    TEXT    NOT NULL CHECK (state IN ('active', 'retired')),
  PRIMARY KEY (vault_id, n)
) STRICT;
CREATE UNIQUE INDEX vault_masters_active ON vault_masters (vault_id) WHERE state = 'active';

CREATE TABLE people (
  id       TEXT    PRIMARY KEY,
  name     TEXT    NOT NULL,
  name_key TEXT    NOT NULL UNIQUE,
  display  TEXT    NOT NULL,
  created  INTEGER NOT NULL,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  state    TEXT    NOT NULL CHECK (state IN ('invited', 'active'))
) STRICT;

CREATE TABLE factors (
  person_id TEXT    PRIMARY KEY REFERENCES people (id),
  password  TEXT    NOT NULL,
  totp      BLOB    NOT NULL,
  last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE pin_envelopes (
  person_id    TEXT NOT NULL REFERENCES people (id),
  token_serial TEXT NOT NULL,
  envelope     BLOB NOT NULL,
  PRIMARY KEY (person_id, token_serial)
) STRICT;

CREATE TABLE enrolments (
  person_id TEXT    PRIMARY KEY REFERENCES people (id),
  hash      TEXT    NOT NULL,
  envelope  BLOB    NOT NULL,
  created   INTEGER NOT NULL,
  expires   INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
  person_id TEXT    NOT NULL REFERENCES people (id),
  n         INTEGER NOT NULL,
  hash      TEXT    NOT NULL,
  used_at   INTEGER,
  PRIMARY KEY (person_id, n)
) STRICT;

-- The subject is a person's id, or '*' for everybody together. It is not a
-- foreign key: names that nobody bears are throttled as well.
CREATE TABLE throttles (
  subject      TEXT    PRIMARY KEY,
  failures     INTEGER NOT NULL CHECK (failures >= 0),
  last_failure INTEGER,
  locked_until INTEGER
) STRICT;

CREATE TABLE assignments (
  id         TEXT    PRIMARY KEY,
  person_id  TEXT    NOT NULL REFERENCES people (id),
  role       TEXT    NOT NULL,
  vault      TEXT    NOT NULL,
  prefix     TEXT    NOT NULL,
  not_before INTEGER,
  expires    INTEGER,
  granted_by TEXT    NOT NULL,
  granted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX assignments_person ON assignments (person_id);

CREATE TABLE sessions (
  id        TEXT    PRIMARY KEY,
  person_id TEXT    NOT NULL REFERENCES people (id),
  created   INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  factor_at INTEGER NOT NULL,
  ended_at  INTEGER,
  source    TEXT    NOT NULL CHECK (source IN ('console', 'cli', 'demo'))
) STRICT;
CREATE INDEX sessions_open ON sessions (person_id, created) WHERE ended_at IS NULL;

-- expires_key is the current version's expiry, or the largest integer for
-- never, so that rows sort and page by it without a case for NULL.
CREATE TABLE objects (
  id              TEXT    PRIMARY KEY,
  vault_id        TEXT    NOT NULL REFERENCES vaults (id),
  kind            TEXT    NOT NULL CHECK (kind IN ('key', 'secret', 'certificate')),
  name            TEXT    NOT NULL,
  name_key        TEXT    NOT NULL,
  created         INTEGER NOT NULL,
  updated         INTEGER NOT NULL,
  expires_key     INTEGER NOT NULL,
  managed         INTEGER NOT NULL CHECK (managed IN (0, 1)),
  current_version TEXT REFERENCES versions (id)
) STRICT;
CREATE UNIQUE INDEX objects_name ON objects (vault_id, kind, name_key);
CREATE INDEX objects_updated ON objects (vault_id, kind, updated, name_key);
CREATE INDEX objects_expires ON objects (vault_id, kind, expires_key, name_key);

-- How many objects of a kind a vault has, kept with every insert, because
-- counting 100,000 rows takes longer than reading a page of them.
CREATE TABLE object_counts (
  vault_id TEXT    NOT NULL REFERENCES vaults (id),
  kind     TEXT    NOT NULL,
  objects  INTEGER NOT NULL CHECK (objects >= 0),
  PRIMARY KEY (vault_id, kind)
) STRICT;

CREATE TABLE versions (
  id           TEXT    PRIMARY KEY CHECK (length(id) = 32),
  object_id    TEXT    NOT NULL REFERENCES objects (id),
  ordinal      INTEGER NOT NULL CHECK (ordinal >= 1),
  created      INTEGER NOT NULL,
  updated      INTEGER NOT NULL,
  enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  not_before   INTEGER,
  expires      INTEGER,
  content_type TEXT    NOT NULL,
  tags         TEXT    NOT NULL,
  protection   TEXT    NOT NULL CHECK (protection IN ('', 'software', 'hsm')),
  kty          TEXT    NOT NULL,
  bits         INTEGER NOT NULL,
  curve        TEXT    NOT NULL,
  key_ops      TEXT    NOT NULL,
  hsm_key_id   TEXT    NOT NULL,
  master       INTEGER NOT NULL,
  thumbprint   TEXT    NOT NULL,
  key_version  TEXT REFERENCES versions (id),
  public_key   BLOB,
  certificate  BLOB,
  record       BLOB,
  UNIQUE (object_id, ordinal)
) STRICT;

CREATE TABLE hsm_intents (
  id        TEXT    PRIMARY KEY,
  key_id    TEXT    NOT NULL,
  label     TEXT    NOT NULL,
  what      TEXT    NOT NULL,
  created   INTEGER NOT NULL,
  pid       INTEGER NOT NULL,
  pid_start INTEGER NOT NULL,
  closed    INTEGER
) STRICT;
CREATE INDEX hsm_intents_open ON hsm_intents (created) WHERE closed IS NULL;

-- The log. entry holds the exact bytes that were hashed; the columns beside it
-- are copies for filtering. hashes holds the Merkle hashes that this leaf
-- completes, 32 bytes each, level 0 first.
CREATE TABLE log (
  seq      INTEGER PRIMARY KEY CHECK (seq >= 0),
  time     INTEGER NOT NULL,
  actor_id TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  vault    TEXT    NOT NULL,
  object   TEXT    NOT NULL,
  outcome  TEXT    NOT NULL,
  entry    BLOB    NOT NULL,
  hashes   BLOB    NOT NULL CHECK (length(hashes) >= 32 AND length(hashes) % 32 = 0)
) STRICT;
CREATE INDEX log_time ON log (time);
CREATE INDEX log_actor ON log (actor_id);

-- Append only, without gaps. The insert rule also stops INSERT OR REPLACE,
-- whose implied delete fires no delete trigger.
CREATE TRIGGER log_appends BEFORE INSERT ON log
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM log)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_update BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE checkpoints (
  size    INTEGER PRIMARY KEY CHECK (size >= 0),
  root    BLOB    NOT NULL CHECK (length(root) = 32),
  note    BLOB    NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_first_stays BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
