-- A key pair that a person's device keeps (WebAuthn): here is its public half.
CREATE TABLE app.passkeys (
  credential_id text PRIMARY KEY CHECK (length(credential_id) BETWEEN 1 AND 1400),
  account_id uuid NOT NULL REFERENCES app.accounts ON DELETE CASCADE,
  public_key bytea NOT NULL,
  -- How often it has signed, where the device counts: one that goes back belongs to a copy.
  counter bigint NOT NULL CHECK (counter >= 0),
  transports text[] NOT NULL,
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 60),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX passkeys_account ON app.passkeys (account_id);
GRANT SELECT, INSERT, DELETE ON app.passkeys TO cratersync_app;
GRANT UPDATE (counter, last_used_at) ON app.passkeys TO cratersync_app;

-- What a passkey is to sign. Each is used once, by the browser that asked for it; account_id: by whom a key is added.
CREATE TABLE app.passkey_challenges (
  challenge text PRIMARY KEY CHECK (length(challenge) BETWEEN 16 AND 200),
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  account_id uuid REFERENCES app.accounts ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_expiry ON app.passkey_challenges (expires_at);
GRANT SELECT, INSERT, DELETE ON app.passkey_challenges TO cratersync_app;
