-- The life of an object after it was made: attributes of the whole object, the
-- bin, purges, rotation, and what an HSM said of a key when it was made.

-- A vault's policy. How long deleted objects stay is fixed when the vault is
-- made, and purge protection is never lifted again, whoever asks.
ALTER TABLE vaults ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 90 CHECK (retention_days BETWEEN 7 AND 90);
ALTER TABLE vaults ADD COLUMN purge_protection INTEGER NOT NULL DEFAULT 0 CHECK (purge_protection IN (0, 1));
ALTER TABLE vaults ADD COLUMN strict_expiry INTEGER NOT NULL DEFAULT 0 CHECK (strict_expiry IN (0, 1));
CREATE TRIGGER vaults_retention_fixed BEFORE UPDATE OF retention_days ON vaults
WHEN NEW.retention_days <> OLD.retention_days
BEGIN SELECT RAISE(ABORT, 'the retention is fixed'); END;
CREATE TRIGGER vaults_protection_stays BEFORE UPDATE OF purge_protection ON vaults
WHEN OLD.purge_protection = 1 AND NEW.purge_protection = 0
BEGIN SELECT RAISE(ABORT, 'purge protection is never lifted'); END;

-- A deleted object is a tombstone: it keeps its name (objects_name covers it)
-- until it is recovered or purged. Both dates are set, or neither.
ALTER TABLE objects ADD COLUMN deleted_at INTEGER;
ALTER TABLE objects ADD COLUMN purge_at INTEGER CHECK ((purge_at IS NULL) = (deleted_at IS NULL));
ALTER TABLE objects ADD COLUMN owner_note TEXT NOT NULL DEFAULT '';

-- Lists of objects that live, and the bin's, each have indexes of their own, so
-- that neither walks over the other's rows.
DROP INDEX objects_updated;
DROP INDEX objects_expires;
CREATE INDEX objects_live ON objects (vault_id, kind, name_key, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX objects_updated ON objects (vault_id, kind, updated, name_key) WHERE deleted_at IS NULL;
CREATE INDEX objects_expires ON objects (vault_id, kind, expires_key, name_key) WHERE deleted_at IS NULL;
CREATE INDEX objects_bin ON objects (vault_id, kind, name_key) WHERE deleted_at IS NOT NULL;
CREATE INDEX objects_bin_purge ON objects (vault_id, kind, purge_at, name_key) WHERE deleted_at IS NOT NULL;
-- What is due, in all vaults.
CREATE INDEX objects_due_purge ON objects (purge_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX objects_due_expiry ON objects (expires_key) WHERE deleted_at IS NULL;
-- Foreign keys that a purge has to look up.
CREATE INDEX objects_current ON objects (current_version);
CREATE INDEX versions_key ON versions (key_version) WHERE key_version IS NOT NULL;

ALTER TABLE object_counts ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted >= 0);

-- policy is JSON that package gate reads and writes.
CREATE TABLE rotation_policies (
  object_id TEXT    PRIMARY KEY REFERENCES objects (id),
  policy    TEXT    NOT NULL,
  created   INTEGER NOT NULL,
  updated   INTEGER NOT NULL
) STRICT;

-- What falls due is done once for each version, by whoever claims it first. A
-- claim of a process that is gone, or one whose retry_at has come, is free.
CREATE TABLE due_acts (
  version_id TEXT    NOT NULL REFERENCES versions (id),
  what       TEXT    NOT NULL CHECK (what IN ('notify', 'rotate', 'purge')),
  claimed    INTEGER NOT NULL,
  pid        INTEGER NOT NULL,
  pid_start  INTEGER NOT NULL,
  retry_at   INTEGER,
  done       INTEGER,
  PRIMARY KEY (version_id, what)
) STRICT;

-- What the token said of a key when it was made. Truth is what it says now;
-- this is what truth is held against.
CREATE TABLE hsm_facts (
  version_id        TEXT    PRIMARY KEY REFERENCES versions (id),
  recorded          INTEGER NOT NULL,
  token_serial      TEXT    NOT NULL,
  firmware          TEXT    NOT NULL,
  key_type          TEXT    NOT NULL,
  local             INTEGER NOT NULL CHECK (local IN (0, 1)),
  private           INTEGER NOT NULL CHECK (private IN (0, 1)),
  sensitive         INTEGER NOT NULL CHECK (sensitive IN (0, 1)),
  always_sensitive  INTEGER NOT NULL CHECK (always_sensitive IN (0, 1)),
  extractable       INTEGER NOT NULL CHECK (extractable IN (0, 1)),
  never_extractable INTEGER NOT NULL CHECK (never_extractable IN (0, 1)),
  modifiable        INTEGER NOT NULL CHECK (modifiable IN (0, 1))
) STRICT;
CREATE TRIGGER hsm_facts_fixed BEFORE UPDATE ON hsm_facts
BEGIN SELECT RAISE(ABORT, 'recorded facts are fixed'); END;
