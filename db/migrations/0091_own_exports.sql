-- What a person takes with them: what is kept of them, in all organizations. As app.exports, but an account's.
CREATE TABLE app.own_exports (
  account_id uuid NOT NULL DEFAULT app.scope_account() REFERENCES app.accounts ON DELETE CASCADE,
  export_id uuid NOT NULL,
  what text NOT NULL CHECK (what IN ('stems', 'recordings')),
  locked_by text NOT NULL CHECK (locked_by IN ('passphrase', 'key')),
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'running', 'ready', 'failed', 'cancelled', 'expired')),
  ordered_by uuid NOT NULL REFERENCES app.accounts,
  ordered_at timestamptz NOT NULL DEFAULT now(),
  secret bytea,
  head bytea,
  began_at int[] NOT NULL DEFAULT '{}',
  parts int NOT NULL DEFAULT 0 CHECK (parts >= 0),
  bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  done_steps int NOT NULL DEFAULT 0,
  all_steps int,
  left_out int NOT NULL DEFAULT 0,
  note text,
  finished_at timestamptz,
  expires_at timestamptz,
  due_since timestamptz,
  PRIMARY KEY (account_id, export_id),
  CHECK (state IN ('waiting', 'running') OR secret IS NULL),
  CHECK (ordered_by = account_id)
);
CREATE UNIQUE INDEX own_exports_one ON app.own_exports (account_id) WHERE state IN ('waiting', 'running');
CREATE INDEX own_exports_newest ON app.own_exports (account_id, ordered_at DESC, export_id DESC);
ALTER TABLE app.own_exports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON app.own_exports TO cratersync_app, cratersync_worker
  USING (account_id = app.scope_account()) WITH CHECK (account_id = app.scope_account());
GRANT SELECT, INSERT ON app.own_exports TO cratersync_app;
GRANT UPDATE (state, secret) ON app.own_exports TO cratersync_app;
GRANT SELECT ON app.own_exports TO cratersync_worker;
GRANT UPDATE (state, secret, head, began_at, parts, bytes, done_steps, all_steps, left_out, note, finished_at,
  expires_at, due_since) ON app.own_exports TO cratersync_worker;

-- Of an account without an organization in scope, the worker sees what is that person's own: their places in sessions and
-- what was recorded of them there, and what they did. Only the worker, only to read, and in every organization, also in one
-- that they have left.
CREATE INDEX participants_account ON app.participants (account_id);
CREATE POLICY own ON app.participants FOR SELECT TO cratersync_worker USING (account_id = app.scope_account());
CREATE POLICY own_worker ON app.memberships FOR SELECT TO cratersync_worker
  USING (account_id = app.scope_account());
CREATE POLICY own ON app.past_memberships FOR SELECT TO cratersync_worker USING (account_id = app.scope_account());
CREATE POLICY own ON app.sessions FOR SELECT TO cratersync_worker
  USING ((organization_id, session_id) IN (
    SELECT p.organization_id, p.session_id FROM app.participants p WHERE p.account_id = app.scope_account()
  ));
CREATE POLICY own_worker ON app.organizations FOR SELECT TO cratersync_worker
  USING (organization_id IN (SELECT m.organization_id FROM app.memberships m WHERE m.account_id = app.scope_account())
    OR organization_id IN (SELECT p.organization_id FROM app.participants p WHERE p.account_id = app.scope_account()));
CREATE POLICY own ON app.stems FOR SELECT TO cratersync_worker
  USING ((organization_id, participant_id) IN (
    SELECT p.organization_id, p.participant_id FROM app.participants p WHERE p.account_id = app.scope_account()
  ));
CREATE POLICY own ON app.stem_files FOR SELECT TO cratersync_worker
  USING ((organization_id, stem_id) IN (
    SELECT t.organization_id, t.stem_id FROM app.stems t JOIN app.participants p USING (organization_id, participant_id)
    WHERE p.account_id = app.scope_account()
  ));
CREATE POLICY own ON app.recordings FOR SELECT TO cratersync_worker
  USING ((organization_id, session_id) IN (
    SELECT p.organization_id, p.session_id FROM app.participants p WHERE p.account_id = app.scope_account()
  ));
CREATE POLICY own ON app.deletions FOR SELECT TO cratersync_worker
  USING ((organization_id, recording_id) IN (
    SELECT r.organization_id, r.recording_id FROM app.recordings r
    JOIN app.participants p USING (organization_id, session_id) WHERE p.account_id = app.scope_account()
  ));
CREATE POLICY own ON app.audit_entries FOR SELECT TO cratersync_worker
  USING (actor_kind = 'account' AND actor_id = app.scope_account());
CREATE INDEX audit_entries_actor ON app.audit_entries (actor_id) WHERE actor_kind = 'account';

GRANT SELECT (device_id, account_id, label, created_at) ON app.devices TO cratersync_worker;
GRANT SELECT (account_id, device_id, created_at, last_seen_at, expires_at) ON app.web_sessions
  TO cratersync_worker;
GRANT SELECT (account_id, label, created_at, last_used_at) ON app.passkeys TO cratersync_worker;
