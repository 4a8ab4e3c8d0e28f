-- A person may have their account deleted: they are signed out at once, and come back within 30 days if they like. Then their
-- row stays without address and name, as others refer to it.
ALTER TABLE app.accounts
  ALTER COLUMN email DROP NOT NULL,
  ADD COLUMN deletion_requested_at timestamptz,
  ADD COLUMN purge_after timestamptz,
  -- Since when the clock has said that it is time, as in app.deletions.
  ADD COLUMN purge_due_since timestamptz,
  -- From here on nothing keeps it.
  ADD COLUMN purge_started_at timestamptz,
  ADD COLUMN purged_at timestamptz,
  ADD CHECK ((deletion_requested_at IS NULL) = (purge_after IS NULL)),
  ADD CHECK (purge_after IS NOT NULL OR purge_started_at IS NULL),
  ADD CHECK (purge_started_at IS NOT NULL OR purged_at IS NULL),
  ADD CHECK ((email IS NULL) = (purged_at IS NOT NULL)),
  ADD CHECK (purged_at IS NULL OR display_name IS NULL);
GRANT UPDATE (deletion_requested_at, purge_after, purge_due_since) ON app.accounts TO cratersync_app;
GRANT SELECT (deletion_requested_at, purge_after, purge_due_since, purge_started_at, purged_at) ON app.accounts
  TO cratersync_worker;
GRANT UPDATE (email, display_name, time_zone, language, purge_due_since, purge_started_at, purged_at) ON app.accounts
  TO cratersync_worker;
GRANT DELETE ON app.devices, app.passkeys, app.passkey_challenges, app.email_changes, app.sign_in_codes,
  app.sign_in_links, app.web_sessions TO cratersync_worker;
DO $$
DECLARE own text;
BEGIN
  FOREACH own IN ARRAY ARRAY['devices', 'passkeys', 'passkey_challenges', 'email_changes', 'web_sessions'] LOOP
    EXECUTE format('GRANT SELECT (account_id) ON app.%I TO cratersync_worker', own);
  END LOOP;
END $$;
GRANT SELECT (email) ON app.sign_in_codes, app.sign_in_links TO cratersync_worker;

-- Whose names are in them: of members, that is known.
ALTER TABLE app.markers ADD COLUMN made_by_account uuid REFERENCES app.accounts;
ALTER TABLE app.member_invitations ADD COLUMN accepted_by uuid REFERENCES app.accounts;
GRANT UPDATE (accepted_by) ON app.member_invitations TO cratersync_app;

-- The worker finds out where a person is, or was, a member, and takes them out there.
CREATE POLICY own_ever ON app.memberships FOR SELECT TO cratersync_worker
  USING (account_id = app.scope_account());
GRANT UPDATE (ended_at) ON app.memberships TO cratersync_worker;
GRANT SELECT (organization_id, token_id, created_by, revoked_at) ON app.api_tokens TO cratersync_worker;
GRANT UPDATE (revoked_at) ON app.api_tokens TO cratersync_worker;
GRANT SELECT (account_id) ON app.participants TO cratersync_worker;
GRANT UPDATE (display_name) ON app.participants TO cratersync_worker;
GRANT UPDATE (made_by) ON app.markers TO cratersync_worker;
GRANT SELECT (organization_id, email, outcome, expires_at, accepted_by) ON app.member_invitations TO cratersync_worker;
GRANT UPDATE (email) ON app.member_invitations TO cratersync_worker;

INSERT INTO app.job_names (name, scope) VALUES ('purge-account', 'account');
