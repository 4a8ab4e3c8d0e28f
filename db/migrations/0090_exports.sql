-- What owners take with them: all of an organization, in one encrypted file. The file lies in the object store, in parts;
-- here is how far it is. `secret` is sealed (infra/runtime/sealed.ts), and forgotten as soon as the file is whole.
CREATE TABLE app.exports (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  export_id uuid NOT NULL,
  what text NOT NULL CHECK (what IN ('stems', 'recordings')),
  locked_by text NOT NULL CHECK (locked_by IN ('passphrase', 'key')),
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'running', 'ready', 'failed', 'cancelled', 'expired')),
  ordered_by uuid NOT NULL REFERENCES app.accounts,
  ordered_at timestamptz NOT NULL DEFAULT now(),
  secret bytea,
  -- With what the file begins.
  head bytea,
  -- For every worker that began to write, how many parts there were then: whose turn it is, and who wrote which part.
  began_at int[] NOT NULL DEFAULT '{}',
  parts int NOT NULL DEFAULT 0 CHECK (parts >= 0),
  bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  done_steps int NOT NULL DEFAULT 0,
  all_steps int,
  -- How many things could not be taken along; the manifest names them.
  left_out int NOT NULL DEFAULT 0,
  note text,
  finished_at timestamptz,
  expires_at timestamptz,
  -- Since when the clock has said that it is over, as in app.deletions.
  due_since timestamptz,
  PRIMARY KEY (organization_id, export_id),
  CHECK (state IN ('waiting', 'running') OR secret IS NULL)
);
-- One at a time.
CREATE UNIQUE INDEX exports_one ON app.exports (organization_id) WHERE state IN ('waiting', 'running');
CREATE INDEX exports_newest ON app.exports (organization_id, ordered_at DESC, export_id DESC);
ALTER TABLE app.exports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.exports TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.exports TO cratersync_app;
GRANT UPDATE (state, secret) ON app.exports TO cratersync_app;
GRANT SELECT ON app.exports TO cratersync_worker;
GRANT UPDATE (state, secret, head, began_at, parts, bytes, done_steps, all_steps, left_out, note, finished_at,
  expires_at, due_since) ON app.exports TO cratersync_worker;

-- What is in an export, the worker has to read.
GRANT SELECT (organization_id, name, region, state, created_at) ON app.organizations TO cratersync_worker;
GRANT SELECT ON app.memberships, app.past_memberships TO cratersync_worker;
GRANT SELECT (created_at) ON app.accounts TO cratersync_worker;
GRANT SELECT (state, created_by, created_at, starts_at, lobby, locked, closed) ON app.sessions
  TO cratersync_worker;
GRANT SELECT (account_id, state, created_at) ON app.participants TO cratersync_worker;
-- The names that the audit log's ids have.
GRANT SELECT (organization_id, token_id, name) ON app.api_tokens TO cratersync_worker;
GRANT SELECT (organization_id, member_invitation_id, email) ON app.member_invitations TO cratersync_worker;
GRANT SELECT (organization_id, invitation_id, session_id) ON app.invitations TO cratersync_worker;

INSERT INTO app.job_names VALUES ('write-export', 'either'), ('expire-export', 'either');
