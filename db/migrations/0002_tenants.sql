-- Everything that belongs to an organization. Each table carries organization_id, in its keys too, so that not even
-- the error of a violated constraint tells one tenant of another. Row-level security on all of it is in 0003.

-- The scope of the current transaction, as db/scope.ts sets it. NULL when there is none, which matches no row.
CREATE FUNCTION app.scope_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.organization_id', true), '')::uuid $$;
CREATE FUNCTION app.scope_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.account_id', true), '')::uuid $$;
CREATE FUNCTION app.scope_invitation() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('app.invitation_hash', true), ''), 'hex') $$;
CREATE FUNCTION app.scope_credential() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('app.credential_hash', true), ''), 'hex') $$;

CREATE TABLE app.organizations (
  organization_id uuid PRIMARY KEY DEFAULT app.scope_organization(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'deletion_scheduled', 'erased')),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app.memberships (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  account_id uuid NOT NULL REFERENCES app.accounts,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX memberships_account ON app.memberships (account_id);

CREATE TABLE app.sessions (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  session_id uuid NOT NULL DEFAULT gen_random_uuid(),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  state text NOT NULL DEFAULT 'created' CHECK (state IN ('created', 'live', 'ended')),
  created_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, session_id)
);
CREATE INDEX sessions_newest ON app.sessions (organization_id, created_at DESC);
-- Without its organization: for the policies by token and by credential in 0003, which know none.
CREATE INDEX sessions_id ON app.sessions (session_id);

CREATE TABLE app.invitations (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  invitation_id uuid NOT NULL DEFAULT gen_random_uuid(),
  session_id uuid NOT NULL,
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  created_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, invitation_id),
  UNIQUE (organization_id, token_hash),
  FOREIGN KEY (organization_id, session_id) REFERENCES app.sessions
);
CREATE INDEX invitations_session ON app.invitations (organization_id, session_id);
CREATE INDEX invitations_token ON app.invitations (token_hash);
CREATE INDEX invitations_id ON app.invitations (invitation_id);

-- One person in one session: a member of the organization (account_id) or whoever opened a link (invitation_id).
CREATE TABLE app.participants (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  participant_id uuid NOT NULL DEFAULT gen_random_uuid(),
  session_id uuid NOT NULL,
  account_id uuid REFERENCES app.accounts,
  invitation_id uuid,
  role text NOT NULL CHECK (role IN ('host', 'guest')),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 60),
  credential_hash bytea NOT NULL CHECK (length(credential_hash) = 32),
  state text NOT NULL DEFAULT 'joining' CHECK (state IN ('joining', 'joined', 'reconnecting', 'left')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, participant_id),
  UNIQUE (organization_id, session_id, account_id),
  UNIQUE (organization_id, credential_hash),
  FOREIGN KEY (organization_id, session_id) REFERENCES app.sessions,
  FOREIGN KEY (organization_id, invitation_id) REFERENCES app.invitations,
  CHECK ((account_id IS NULL) <> (invitation_id IS NULL))
);
CREATE INDEX participants_credential ON app.participants (credential_hash);

CREATE TABLE app.recordings (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  recording_id uuid NOT NULL,
  session_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'starting'
    CHECK (state IN ('starting', 'recording', 'draining', 'finalizing', 'complete', 'incomplete')),
  started_at timestamptz NOT NULL,
  duration_ms bigint CHECK (duration_ms >= 0),
  reason text,
  -- It got beyond 'starting': a start that was refused is kept, but is nobody's recording.
  began boolean NOT NULL DEFAULT false,
  manifest_key text,
  merkle_root text CHECK (merkle_root ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (organization_id, recording_id),
  FOREIGN KEY (organization_id, session_id) REFERENCES app.sessions,
  CHECK (state <> 'complete' OR (duration_ms IS NOT NULL AND manifest_key IS NOT NULL AND merkle_root IS NOT NULL))
);
CREATE INDEX recordings_session ON app.recordings (organization_id, session_id);

CREATE TABLE app.stems (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  stem_id uuid NOT NULL DEFAULT gen_random_uuid(),
  recording_id uuid NOT NULL,
  participant_id uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('mic', 'camera', 'screen', 'screen-audio')),
  -- 1, 2, 3 … in the order in which people and their sources first appeared; `name` starts with it.
  position int NOT NULL CHECK (position > 0),
  name text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'rendering', 'ready', 'failed')),
  progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
  duration_ms bigint CHECK (duration_ms >= 0),
  note text,
  PRIMARY KEY (organization_id, stem_id),
  UNIQUE (organization_id, recording_id, participant_id, source),
  UNIQUE (organization_id, recording_id, position),
  FOREIGN KEY (organization_id, recording_id) REFERENCES app.recordings,
  FOREIGN KEY (organization_id, participant_id) REFERENCES app.participants
);

CREATE TABLE app.stem_files (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  stem_id uuid NOT NULL,
  format text NOT NULL CHECK (format IN ('wav', 'flac', 'mp4', 'webm')),
  object_key text NOT NULL,
  -- Of the file itself, as it is downloaded; the sealed object is a little larger.
  bytes bigint NOT NULL CHECK (bytes >= 0),
  PRIMARY KEY (organization_id, stem_id, format),
  FOREIGN KEY (organization_id, stem_id) REFERENCES app.stems ON DELETE CASCADE
);
