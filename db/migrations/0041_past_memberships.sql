-- Whoever comes back has a new time as a member; the earlier ones stay written down.
CREATE TABLE app.past_memberships (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  account_id uuid NOT NULL,
  -- When they left.
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  began_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL CHECK (ended_at >= began_at),
  PRIMARY KEY (organization_id, account_id, began_at),
  FOREIGN KEY (organization_id, account_id) REFERENCES app.memberships ON DELETE CASCADE
);
ALTER TABLE app.past_memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.past_memberships TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.past_memberships TO cratersync_app;
