-- Who a person is, apart from any organization. These three tables have no tenant: the application reaches them
-- without a scope, and no other role reaches them at all.

CREATE SCHEMA IF NOT EXISTS app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA app TO cratersync_app, cratersync_worker;

CREATE TABLE app.accounts (
  account_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 254),
  display_name text CHECK (length(display_name) BETWEEN 1 AND 60),
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON app.accounts TO cratersync_app;
GRANT UPDATE (display_name) ON app.accounts TO cratersync_app;

-- One mailed code. `browser_hash` ties it to the browser that asked; the code itself is only here as argon2id.
CREATE TABLE app.sign_in_codes (
  code_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  code_salt bytea NOT NULL CHECK (length(code_salt) >= 16),
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- Set when it signed somebody in or when a newer code replaced it.
  ended_at timestamptz
);
CREATE INDEX sign_in_codes_live ON app.sign_in_codes (email) WHERE ended_at IS NULL;
CREATE INDEX sign_in_codes_expiry ON app.sign_in_codes (expires_at);
GRANT SELECT, INSERT, DELETE ON app.sign_in_codes TO cratersync_app;
GRANT UPDATE (attempts, ended_at) ON app.sign_in_codes TO cratersync_app;

CREATE TABLE app.web_sessions (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  account_id uuid NOT NULL REFERENCES app.accounts ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX web_sessions_account ON app.web_sessions (account_id);
CREATE INDEX web_sessions_expiry ON app.web_sessions (expires_at);
GRANT SELECT, INSERT, DELETE ON app.web_sessions TO cratersync_app;
GRANT UPDATE (last_seen_at) ON app.web_sessions TO cratersync_app;
