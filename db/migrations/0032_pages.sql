-- Lists are read a page at a time, newest first.
DROP INDEX app.sessions_newest;
CREATE INDEX sessions_newest ON app.sessions (organization_id, created_at DESC, session_id DESC);
CREATE INDEX recordings_newest ON app.recordings (organization_id, started_at DESC, recording_id DESC);
