-- Places in a recording that somebody has given a name: while it records, or afterwards.
CREATE TABLE app.markers (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  marker_id uuid NOT NULL DEFAULT gen_random_uuid(),
  recording_id uuid NOT NULL,
  -- Since the recording began.
  at_ms integer NOT NULL CHECK (at_ms >= 0),
  name text NOT NULL CHECK (length(name) <= 200),
  -- What the person was called then: guests have no account.
  made_by text NOT NULL CHECK (length(made_by) <= 100),
  PRIMARY KEY (organization_id, marker_id),
  FOREIGN KEY (organization_id, recording_id) REFERENCES app.recordings
);
CREATE INDEX markers_of_recording ON app.markers (organization_id, recording_id, at_ms);
ALTER TABLE app.markers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.markers TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization())
  WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT, DELETE ON app.markers TO cratersync_app;
GRANT UPDATE (at_ms, name) ON app.markers TO cratersync_app;
GRANT SELECT ON app.markers TO cratersync_worker;
