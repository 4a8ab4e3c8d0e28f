-- What was done in an organization, by whom. Nobody but the database's owner can change or delete an entry, and each
-- holds the hash of the one before (db/audit-chain.ts), so that a change by the owner shows. People and things are here
-- by id only: their names can be erased where they are kept.
CREATE TABLE app.audit_entries (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  sequence bigint NOT NULL CHECK (sequence > 0),
  at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('account', 'participant', 'system')),
  actor_id uuid,
  action text NOT NULL CHECK (length(action) BETWEEN 1 AND 60),
  target_kind text NOT NULL CHECK (length(target_kind) BETWEEN 1 AND 30),
  target_id uuid NOT NULL,
  -- json, not jsonb: the order of its fields is part of what is hashed.
  details json NOT NULL,
  address text NOT NULL CHECK (length(address) <= 60),
  request_id text NOT NULL CHECK (length(request_id) <= 60),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (organization_id, sequence),
  CHECK ((actor_id IS NULL) = (actor_kind = 'system'))
);
CREATE INDEX audit_entries_at ON app.audit_entries (organization_id, at);
ALTER TABLE app.audit_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.audit_entries TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.audit_entries TO cratersync_app;
