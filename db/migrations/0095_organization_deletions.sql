-- Organizations that an owner wants gone: for a week they can only be read, and then they are erased for good. The row stays
-- as the account of it for as long as the audit log's tombstones; undoing removes it.
CREATE TABLE app.organization_deletions (
  organization_id uuid PRIMARY KEY DEFAULT app.scope_organization()
    REFERENCES app.organizations ON DELETE CASCADE,
  requested_by uuid REFERENCES app.accounts,
  requested_at timestamptz NOT NULL DEFAULT now(),
  erase_after timestamptz NOT NULL,
  -- Since when the clock has said that it is time for the next step, as in app.deletions.
  due_since timestamptz,
  -- From here on nothing brings it back.
  started_at timestamptz,
  -- What became of the organization's own key with each provider.
  keys json,
  keys_destroyed_at timestamptz,
  -- How many there were before the first was deleted.
  recordings int CHECK (recordings >= 0),
  objects bigint CHECK (objects >= 0),
  -- That none of them is left was seen then.
  absent_at timestamptz,
  finished_at timestamptz,
  -- What its owners can show: JSON, signed by this installation.
  receipt text,
  -- When this row goes, too.
  forget_after timestamptz,
  CHECK (started_at IS NOT NULL OR keys_destroyed_at IS NULL),
  CHECK ((keys IS NULL) = (keys_destroyed_at IS NULL)),
  CHECK ((recordings IS NULL) = (objects IS NULL)),
  CHECK (keys_destroyed_at IS NOT NULL OR absent_at IS NULL),
  CHECK (absent_at IS NOT NULL OR finished_at IS NULL),
  CHECK ((finished_at IS NULL) = (receipt IS NULL) AND (finished_at IS NULL) = (forget_after IS NULL))
);
ALTER TABLE app.organization_deletions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.organization_deletions TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
-- Whoever belongs to it is told on every page.
CREATE POLICY own ON app.organization_deletions FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT m.organization_id FROM app.memberships m
    WHERE m.account_id = app.scope_account() AND m.ended_at IS NULL
  )));
GRANT SELECT, INSERT, DELETE ON app.organization_deletions TO cratersync_app;
GRANT SELECT ON app.organization_deletions TO cratersync_worker;
GRANT UPDATE (requested_by, due_since, started_at, keys, keys_destroyed_at, recordings, objects, absent_at, finished_at,
  receipt, forget_after) ON app.organization_deletions TO cratersync_worker;

-- The application schedules and undoes; only the worker erases.
GRANT UPDATE (state) ON app.organizations TO cratersync_app, cratersync_worker;
GRANT UPDATE (name) ON app.organizations TO cratersync_worker;
GRANT SELECT, DELETE ON app.organizations TO cratersync_worker;
CREATE POLICY never_erased ON app.organizations AS RESTRICTIVE FOR UPDATE TO cratersync_app
  USING (state <> 'erased') WITH CHECK (state <> 'erased');
-- Whoever holds a seat sees whose it is, and whether that still stands.
CREATE POLICY by_credential ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT p.organization_id FROM app.participants p WHERE p.credential_hash = app.scope_credential()
  )));

-- Whether the organization in scope is past bringing back.
CREATE FUNCTION app.is_being_erased() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT EXISTS (
    SELECT FROM app.organization_deletions d
    WHERE d.organization_id = app.scope_organization() AND d.started_at IS NOT NULL
  ) $$;

-- All that an organization has is the worker's to delete, from then on and not before.
DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'organizations', 'memberships', 'past_memberships', 'member_invitations', 'sessions', 'invitations', 'participants',
    'recordings', 'deletions', 'webhooks', 'api_tokens', 'idempotency_keys', 'audit_entries', 'customer_keys',
    'notice_acknowledgements', 'exports'
  ] LOOP
    EXECUTE format('GRANT SELECT (organization_id, ctid), DELETE ON app.%I TO cratersync_worker', tenant_table);
    EXECUTE format(
      'CREATE POLICY only_when_erased ON app.%I AS RESTRICTIVE FOR DELETE TO cratersync_worker
         USING (app.is_being_erased())',
      tenant_table
    );
  END LOOP;
END $$;
GRANT SELECT (ctid) ON app.shares, app.markers, app.renders, app.stems, app.stem_files, app.webhook_deliveries TO cratersync_worker;
GRANT SELECT (token_hash) ON app.invitations TO cratersync_worker;
-- To whom the receipt goes.
GRANT SELECT (account_id, role, created_at, ended_at) ON app.memberships TO cratersync_worker;

-- What is left of erased organizations' audit logs: that something was done, not by whom, to whom, or where. Nobody but the
-- worker reaches it.
CREATE TABLE app.audit_tombstones (
  tombstone_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  action text NOT NULL,
  target_kind text NOT NULL,
  -- Of the entry that it was: whoever kept a copy can show that it stood here.
  hash bytea NOT NULL,
  keep_until timestamptz NOT NULL
);
CREATE INDEX audit_tombstones_keep_until ON app.audit_tombstones (keep_until);
GRANT SELECT (keep_until), INSERT, DELETE ON app.audit_tombstones TO cratersync_worker;

-- Guests' links into what was erased, so that whoever follows one is told that it is gone.
CREATE TABLE app.gone_links (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  keep_until timestamptz NOT NULL
);
CREATE INDEX gone_links_keep_until ON app.gone_links (keep_until);
GRANT SELECT ON app.gone_links TO cratersync_app;
GRANT SELECT, INSERT, DELETE ON app.gone_links TO cratersync_worker;

INSERT INTO app.job_names (name, scope) VALUES
  ('erase-organization', 'organization'), ('forget-organization', 'organization');
