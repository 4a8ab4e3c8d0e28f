-- Up Migration

-- Roles are made by migrate.ts, which knows their passwords. Objects belong to the migrating user;
-- cratersync_app (signaling) and cratersync_worker (jobs) own nothing here and cannot bypass row security.

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO cratersync_app, cratersync_worker;

-- The scope, as scope.ts sets it for one transaction. NULL (and so: no rows) where it is not set.
CREATE FUNCTION app.organization_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.organization_id', true), '')::uuid;
CREATE FUNCTION app.account_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.account_id', true), '')::uuid;
CREATE FUNCTION app.invitation_hash() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN decode(nullif(current_setting('app.invitation_hash', true), ''), 'hex');
CREATE FUNCTION app.credential_hash() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN decode(nullif(current_setting('app.credential_hash', true), ''), 'hex');

-- ── people, who belong to no organization of themselves ─────────────────────────────────────────────

CREATE TABLE accounts (
  account_id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  display_name text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sign_in_codes (
  code_id uuid PRIMARY KEY,
  email text NOT NULL,
  -- argon2id over an HMAC with a pepper that the database does not know
  code_hash bytea NOT NULL,
  salt bytea NOT NULL,
  browser_hash bytea NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  used_at timestamptz,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_codes_email ON sign_in_codes (email, created_at DESC);

CREATE TABLE web_sessions (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT ON accounts TO cratersync_app;
GRANT UPDATE (display_name) ON accounts TO cratersync_app;
GRANT SELECT, INSERT, DELETE ON sign_in_codes TO cratersync_app;
GRANT UPDATE (attempts, used_at) ON sign_in_codes TO cratersync_app;
GRANT SELECT, INSERT, DELETE ON web_sessions TO cratersync_app;
GRANT UPDATE (last_seen_at) ON web_sessions TO cratersync_app;

-- ── organizations and what is theirs ──────────────────────────────────────────────────────────────────

CREATE TABLE organizations (
  organization_id uuid PRIMARY KEY,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'deletion_scheduled', 'erased')),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
  organization_id uuid NOT NULL REFERENCES organizations,
  account_id uuid NOT NULL REFERENCES accounts,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX memberships_account ON memberships (account_id);

CREATE TABLE sessions (
  organization_id uuid NOT NULL REFERENCES organizations,
  session_id uuid NOT NULL,
  title text NOT NULL,
  state text NOT NULL DEFAULT 'created' CHECK (state IN ('created', 'live', 'ended')),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, session_id),
  FOREIGN KEY (organization_id, created_by) REFERENCES memberships (organization_id, account_id)
);
CREATE INDEX sessions_newest ON sessions (organization_id, created_at DESC);

CREATE TABLE invitations (
  organization_id uuid NOT NULL,
  invitation_id uuid NOT NULL,
  session_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, invitation_id),
  UNIQUE (organization_id, token_hash),
  FOREIGN KEY (organization_id, session_id) REFERENCES sessions
);
CREATE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_session ON invitations (organization_id, session_id);

-- A seat in a session: a member's (account_id) or a guest's (invitation_id).
CREATE TABLE participants (
  organization_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  account_id uuid,
  invitation_id uuid,
  display_name text NOT NULL,
  role text NOT NULL CHECK (role IN ('host', 'guest')),
  state text NOT NULL DEFAULT 'joining' CHECK (state IN ('joining', 'joined', 'reconnecting', 'left')),
  credential_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, participant_id),
  UNIQUE (organization_id, session_id, account_id),
  UNIQUE (organization_id, credential_hash),
  CHECK ((account_id IS NULL) <> (invitation_id IS NULL)),
  FOREIGN KEY (organization_id, session_id) REFERENCES sessions,
  FOREIGN KEY (organization_id, account_id) REFERENCES memberships (organization_id, account_id),
  FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations
);
CREATE INDEX participants_credential ON participants (credential_hash);

CREATE TABLE recordings (
  organization_id uuid NOT NULL,
  recording_id uuid NOT NULL,
  session_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'starting'
    CHECK (state IN ('starting', 'recording', 'draining', 'finalizing', 'complete', 'incomplete')),
  reason text,
  started_at timestamptz NOT NULL,
  duration_ms bigint,
  manifest_key text,
  merkle_root text,
  PRIMARY KEY (organization_id, recording_id),
  FOREIGN KEY (organization_id, session_id) REFERENCES sessions
);
CREATE INDEX recordings_session ON recordings (organization_id, session_id, started_at DESC);

-- One person, one source, one stem.
CREATE TABLE stems (
  organization_id uuid NOT NULL,
  stem_id uuid NOT NULL,
  recording_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('mic', 'camera', 'screen', 'screen-audio')),
  position integer NOT NULL,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'rendering', 'ready', 'failed')),
  progress real NOT NULL DEFAULT 0,
  duration_ms bigint,
  note text,
  PRIMARY KEY (organization_id, stem_id),
  UNIQUE (organization_id, recording_id, participant_id, source),
  FOREIGN KEY (organization_id, recording_id) REFERENCES recordings,
  FOREIGN KEY (organization_id, participant_id) REFERENCES participants
);

CREATE TABLE stem_files (
  organization_id uuid NOT NULL,
  stem_id uuid NOT NULL,
  format text NOT NULL CHECK (format IN ('wav', 'flac', 'mp4', 'webm')),
  object_key text NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (organization_id, stem_id, format),
  FOREIGN KEY (organization_id, stem_id) REFERENCES stems
);

-- ── the walls ─────────────────────────────────────────────────────────────────────────────────────────

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['organizations', 'memberships', 'sessions', 'invitations', 'participants',
    'recordings', 'stems', 'stem_files']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = app.organization_id())
      WITH CHECK (organization_id = app.organization_id())', tenant_table);
  END LOOP;
END $$;

-- A signed-in person sees which organizations are theirs, before one of them is the scope.
CREATE POLICY own ON memberships FOR SELECT USING (account_id = app.account_id());
CREATE POLICY own ON organizations FOR SELECT USING (
  organization_id IN (SELECT m.organization_id FROM memberships m WHERE m.account_id = app.account_id()));

-- Who holds a link or a credential sees the one row that it opens, and so learns whose it is.
CREATE POLICY bearer ON invitations FOR SELECT USING (token_hash = app.invitation_hash());
CREATE POLICY bearer ON participants FOR SELECT USING (credential_hash = app.credential_hash());

GRANT SELECT, INSERT ON organizations, memberships, sessions, invitations, participants, recordings, stems
  TO cratersync_app;
GRANT UPDATE (state) ON sessions TO cratersync_app;
GRANT UPDATE (revoked_at) ON invitations TO cratersync_app;
GRANT UPDATE (display_name, credential_hash, state) ON participants TO cratersync_app;
GRANT UPDATE (state, reason, duration_ms, manifest_key, merkle_root) ON recordings TO cratersync_app;
GRANT SELECT ON stem_files TO cratersync_app;

GRANT SELECT ON recordings, participants, sessions, stems, stem_files TO cratersync_worker;
GRANT UPDATE (state, progress, duration_ms, note) ON stems TO cratersync_worker;
GRANT INSERT, DELETE ON stem_files TO cratersync_worker;

-- ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────

-- The only SECURITY DEFINER function: the application may order these jobs and touch nothing else of the queue.
-- It belongs to cratersync_worker, which owns the queue; plpgsql resolves add_job when it runs, not now.
CREATE FUNCTION app.enqueue_job(identifier text, payload json, job_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF identifier NOT IN ('render-stems') THEN
    RAISE EXCEPTION 'there is no job %', identifier;
  END IF;
  PERFORM graphile_worker.add_job(identifier, payload, job_key => job_key, max_attempts => 10);
END $$;
ALTER FUNCTION app.enqueue_job OWNER TO cratersync_worker;
REVOKE ALL ON FUNCTION app.enqueue_job FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enqueue_job TO cratersync_app;
