-- Links by which somebody without an account hears one recording, and downloads it. `name` says whom a link is for.
CREATE FUNCTION app.scope_share() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('app.share_hash', true), ''), 'hex') $$;

CREATE TABLE app.shares (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  share_id uuid NOT NULL DEFAULT gen_random_uuid(),
  recording_id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  -- The stems with what opens them in an editor, or everything that was made.
  contents text NOT NULL CHECK (contents IN ('stems', 'all')),
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  created_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  openings int NOT NULL DEFAULT 0 CHECK (openings >= 0),
  last_opened_at timestamptz,
  PRIMARY KEY (organization_id, share_id),
  UNIQUE (organization_id, token_hash),
  FOREIGN KEY (organization_id, recording_id) REFERENCES app.recordings
);
CREATE INDEX shares_hash ON app.shares (token_hash);
CREATE INDEX shares_of_recording ON app.shares (organization_id, recording_id, created_at DESC);
ALTER TABLE app.shares ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.shares TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.shares TO cratersync_app;
GRANT UPDATE (ended_at, openings, last_opened_at) ON app.shares TO cratersync_app;
-- A recording that is erased takes along whom it was shown to.
GRANT SELECT, DELETE ON app.shares TO cratersync_worker;

-- Whoever shows a link sees it and its organization.
CREATE POLICY by_share ON app.shares FOR SELECT TO cratersync_app
  USING (token_hash = app.scope_share());
CREATE POLICY by_share ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT s.organization_id FROM app.shares s WHERE s.token_hash = app.scope_share()
  )));
