-- What a person wants to be shown and written: times where they are, mail in their language. NULL: where their browser is.
ALTER TABLE app.accounts
  ADD COLUMN time_zone text CHECK (length(time_zone) BETWEEN 1 AND 64),
  ADD COLUMN language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr'));
GRANT UPDATE (email, time_zone, language) ON app.accounts TO cratersync_app;

-- A wish to have another mail address, with a code that was mailed to each of the two. As with sign_in_codes, the codes
-- themselves are nowhere, and an attempt is counted before anything is compared.
CREATE TABLE app.email_changes (
  change_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES app.accounts ON DELETE CASCADE,
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  old_email text NOT NULL CHECK (old_email = lower(old_email) AND length(old_email) <= 254),
  new_email text NOT NULL CHECK (new_email = lower(new_email) AND length(new_email) <= 254),
  code_salt bytea NOT NULL CHECK (length(code_salt) >= 16),
  old_code_hash bytea NOT NULL CHECK (length(old_code_hash) = 32),
  new_code_hash bytea NOT NULL CHECK (length(new_code_hash) = 32),
  attempts smallint NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- Set when it was done, given up, or replaced by another wish.
  ended_at timestamptz
);
CREATE INDEX email_changes_account ON app.email_changes (account_id);
CREATE INDEX email_changes_expiry ON app.email_changes (expires_at);
GRANT SELECT, INSERT, DELETE ON app.email_changes TO cratersync_app;
GRANT UPDATE (attempts, ended_at) ON app.email_changes TO cratersync_app;
