-- Recordings that somebody wants gone: hidden at once, kept until `erase_after`, and then erased for good. A row stays as
-- the account of it; undoing removes it.
CREATE TABLE app.deletions (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  recording_id uuid NOT NULL,
  requested_by uuid REFERENCES app.accounts,
  requested_at timestamptz NOT NULL DEFAULT now(),
  erase_after timestamptz NOT NULL,
  -- Since when the clock has said that it is time: it is looked at twice, so that a clock that was set wrong erases nothing.
  due_since timestamptz,
  -- From here on nothing brings it back.
  started_at timestamptz,
  key_destroyed_at timestamptz,
  -- How many there were before the first was deleted.
  objects int CHECK (objects >= 0),
  finished_at timestamptz,
  -- What its owner can show: JSON, signed by this installation.
  receipt text,
  PRIMARY KEY (organization_id, recording_id),
  FOREIGN KEY (organization_id, recording_id) REFERENCES app.recordings,
  CHECK (started_at IS NOT NULL OR key_destroyed_at IS NULL),
  CHECK (key_destroyed_at IS NOT NULL OR finished_at IS NULL),
  CHECK ((finished_at IS NULL) = (receipt IS NULL))
);
CREATE INDEX deletions_newest ON app.deletions (organization_id, requested_at DESC, recording_id DESC);
ALTER TABLE app.deletions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.deletions TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT, DELETE ON app.deletions TO cratersync_app;
GRANT SELECT ON app.deletions TO cratersync_worker;
GRANT UPDATE (due_since, started_at, key_destroyed_at, objects, finished_at, receipt) ON app.deletions
  TO cratersync_worker;
-- With the recording go the accounts of what was made of it.
GRANT DELETE ON app.stems, app.renders, app.markers TO cratersync_worker;
