-- Where an organization's recordings are to be kept: Canada or France. Those that stand are Canadian.
ALTER TABLE app.organizations ADD COLUMN region text NOT NULL DEFAULT 'ca' CHECK (region IN ('ca', 'fr'));
ALTER TABLE app.organizations ALTER COLUMN region DROP DEFAULT;
GRANT UPDATE (name) ON app.organizations TO cratersync_app;

-- Who has left stays written down, with when; created_at is when they came (again).
ALTER TABLE app.memberships ADD COLUMN ended_at timestamptz;
GRANT UPDATE (role, created_at, ended_at) ON app.memberships TO cratersync_app;
ALTER POLICY own ON app.memberships USING (account_id = app.scope_account() AND ended_at IS NULL);
ALTER POLICY own ON app.organizations USING (organization_id = ANY (ARRAY(
  SELECT m.organization_id FROM app.memberships m
  WHERE m.account_id = app.scope_account() AND m.ended_at IS NULL
)));

-- Whoever holds a seat's credential sees whether its account is still a member: the seat ends with the membership.
CREATE POLICY by_credential ON app.memberships FOR SELECT TO cratersync_app
  USING ((organization_id, account_id) IN (
    SELECT p.organization_id, p.account_id FROM app.participants p WHERE p.credential_hash = app.scope_credential()
  ));

-- An invitation into the organization itself, by mail. (app.invitations are guests' links into one session.)
CREATE FUNCTION app.scope_member_invitation() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('app.member_invitation_hash', true), ''), 'hex') $$;

CREATE TABLE app.member_invitations (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  member_invitation_id uuid NOT NULL DEFAULT gen_random_uuid(),
  email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  role text NOT NULL CHECK (role IN ('admin', 'member')),
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  invited_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- How it ended, if it has.
  outcome text CHECK (outcome IN ('accepted', 'declined', 'revoked')),
  PRIMARY KEY (organization_id, member_invitation_id),
  UNIQUE (organization_id, token_hash)
);
CREATE INDEX member_invitations_token ON app.member_invitations (token_hash);
ALTER TABLE app.member_invitations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.member_invitations TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
CREATE POLICY by_token ON app.member_invitations FOR SELECT TO cratersync_app
  USING (token_hash = app.scope_member_invitation());
CREATE POLICY by_member_invitation ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT i.organization_id FROM app.member_invitations i WHERE i.token_hash = app.scope_member_invitation()
  )));
GRANT SELECT, INSERT ON app.member_invitations TO cratersync_app;
GRANT UPDATE (outcome) ON app.member_invitations TO cratersync_app;
