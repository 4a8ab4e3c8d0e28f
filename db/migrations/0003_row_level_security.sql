-- The walls between tenants. FORCE: they hold for the tables' owner too.

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'organizations', 'memberships', 'sessions', 'invitations', 'participants', 'recordings', 'stems', 'stem_files'
  ] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY in_organization ON app.%I TO cratersync_app, cratersync_worker
         USING (organization_id = app.scope_organization())
         WITH CHECK (organization_id = app.scope_organization())',
      tenant_table
    );
  END LOOP;
END $$;

-- A signed-in account sees which organizations it belongs to, before it has chosen one.
CREATE POLICY own ON app.memberships FOR SELECT TO cratersync_app
  USING (account_id = app.scope_account());
CREATE POLICY own ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT m.organization_id FROM app.memberships m WHERE m.account_id = app.scope_account()
  )));

-- Whoever holds an invitation's token sees that invitation, its session and the organization's name; whoever holds
-- a seat's credential sees that seat, its session and the invitation it came by. Nothing else, and nothing to write.
CREATE POLICY by_token ON app.invitations FOR SELECT TO cratersync_app
  USING (token_hash = app.scope_invitation());
CREATE POLICY by_credential ON app.participants FOR SELECT TO cratersync_app
  USING (credential_hash = app.scope_credential());
CREATE POLICY by_credential ON app.invitations FOR SELECT TO cratersync_app
  USING (invitation_id = ANY (ARRAY(
    SELECT p.invitation_id FROM app.participants p WHERE p.credential_hash = app.scope_credential()
  )));
CREATE POLICY by_token ON app.sessions FOR SELECT TO cratersync_app
  USING (session_id = ANY (ARRAY(
    SELECT i.session_id FROM app.invitations i WHERE i.token_hash = app.scope_invitation()
  )));
CREATE POLICY by_credential ON app.sessions FOR SELECT TO cratersync_app
  USING (session_id = ANY (ARRAY(
    SELECT p.session_id FROM app.participants p WHERE p.credential_hash = app.scope_credential()
  )));
CREATE POLICY by_token ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT i.organization_id FROM app.invitations i WHERE i.token_hash = app.scope_invitation()
  )));

-- What each role may do at all: what its code does, and no more.
GRANT SELECT, INSERT ON app.organizations, app.memberships, app.sessions, app.invitations, app.participants,
  app.recordings, app.stems TO cratersync_app;
GRANT SELECT ON app.stem_files TO cratersync_app;
GRANT UPDATE (state) ON app.sessions TO cratersync_app;
GRANT UPDATE (revoked_at) ON app.invitations TO cratersync_app;
GRANT UPDATE (invitation_id, display_name, credential_hash, state) ON app.participants TO cratersync_app;
GRANT UPDATE (state, began, duration_ms, reason, manifest_key, merkle_root) ON app.recordings TO cratersync_app;

GRANT SELECT (organization_id, session_id, title) ON app.sessions TO cratersync_worker;
GRANT SELECT (organization_id, participant_id, session_id, role, display_name) ON app.participants
  TO cratersync_worker;
GRANT SELECT ON app.recordings, app.stems TO cratersync_worker;
GRANT UPDATE (state, progress, duration_ms, note) ON app.stems TO cratersync_worker;
GRANT SELECT, INSERT, DELETE ON app.stem_files TO cratersync_worker;
