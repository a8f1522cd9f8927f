CREATE TABLE samples (
  server TEXT NOT NULL,
  at_unix_ms INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  offset_seconds REAL,
  error_seconds REAL,
  delay_seconds REAL,
  stratum INTEGER,
  root_dispersion_seconds REAL,
  reference_age_seconds REAL,
  kiss TEXT,
  PRIMARY KEY (server, at_unix_ms)
) WITHOUT ROWID;
INSERT INTO samples VALUES
  ('pi-1', 1, 'truechimer', 0.0001, 0.0004, 0.0003, 1, 0.001, 16, NULL),
  ('pi-1', 2, 'a word of another version', NULL, NULL, NULL, NULL, NULL, NULL, 'RATE');
PRAGMA user_version = 1;
