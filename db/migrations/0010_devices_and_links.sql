-- A browser in which somebody has signed in. It outlives its sign-ins, so that a new one can be told from a known one.
CREATE TABLE app.devices (
  device_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES app.accounts ON DELETE CASCADE,
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  -- Such as "Firefox on Linux": what the browser said of itself, in words.
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 60),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (account_id, browser_hash)
);
GRANT SELECT, INSERT ON app.devices TO cratersync_app;
GRANT UPDATE (label) ON app.devices TO cratersync_app;

-- From now on a sign-in belongs to a device. Those that stand do not: their people sign in once more.
DELETE FROM app.web_sessions;
ALTER TABLE app.web_sessions ADD COLUMN device_id uuid NOT NULL REFERENCES app.devices ON DELETE CASCADE;
CREATE INDEX web_sessions_device ON app.web_sessions (device_id);

-- What is mailed in place of a code when an address has had too many wrong guesses: 128 bits cannot be guessed.
CREATE TABLE app.sign_in_links (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_links_expiry ON app.sign_in_links (expires_at);
GRANT SELECT, INSERT, DELETE ON app.sign_in_links TO cratersync_app;
