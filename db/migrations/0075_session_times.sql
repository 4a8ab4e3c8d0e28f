-- When a conversation is planned for; null: whenever. Lists are in the order of that, or of when a session was made.
ALTER TABLE app.sessions ADD COLUMN starts_at timestamptz;
GRANT UPDATE (title, starts_at) ON app.sessions TO cratersync_app;
DROP INDEX app.sessions_newest;
CREATE INDEX sessions_newest ON app.sessions
  (organization_id, (coalesce(starts_at, created_at)) DESC, session_id DESC);
-- Lists tell who was there.
CREATE INDEX participants_of_session ON app.participants (organization_id, session_id);
