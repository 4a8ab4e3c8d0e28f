-- How long recordings are kept: so many days since they began, or for ever (0). A session's own time takes the place of its
-- organization's; NULL: it has none.
ALTER TABLE app.organizations
  ADD COLUMN retention_days int NOT NULL DEFAULT 0 CHECK (retention_days = 0 OR retention_days BETWEEN 7 AND 3650);
ALTER TABLE app.sessions
  ADD COLUMN retention_days int CHECK (retention_days = 0 OR retention_days BETWEEN 7 AND 3650);

-- What is held is deleted by nobody. `keeping_changed_at`: warnings from before do not count any more.
DO $$
DECLARE held_table text;
BEGIN
  FOREACH held_table IN ARRAY ARRAY['organizations', 'sessions', 'recordings'] LOOP
    EXECUTE format(
      'ALTER TABLE app.%I ADD COLUMN held_at timestamptz,
         ADD COLUMN hold_reason text CHECK (length(hold_reason) BETWEEN 1 AND 200),
         ADD COLUMN keeping_changed_at timestamptz,
         ADD CHECK ((held_at IS NULL) = (hold_reason IS NULL))',
      held_table
    );
    EXECUTE format('GRANT UPDATE (held_at, hold_reason, keeping_changed_at) ON app.%I TO cratersync_app', held_table);
  END LOOP;
END $$;
GRANT UPDATE (retention_days) ON app.organizations, app.sessions TO cratersync_app;

ALTER TABLE app.recordings
  -- When people were told that it will be deleted.
  ADD COLUMN warned_at timestamptz,
  -- Since when the clock has said that it is time, as in app.deletions.
  ADD COLUMN due_since timestamptz;
CREATE INDEX recordings_due ON app.recordings (organization_id, due_since) WHERE due_since IS NOT NULL;
GRANT SELECT (organization_id, name, retention_days, held_at, hold_reason, keeping_changed_at) ON app.organizations
  TO cratersync_worker;
GRANT SELECT (created_by, retention_days, held_at, hold_reason, keeping_changed_at) ON app.sessions TO cratersync_worker;
GRANT SELECT (organization_id, account_id, role, ended_at) ON app.memberships TO cratersync_worker;
GRANT UPDATE (warned_at, due_since) ON app.recordings TO cratersync_worker;
GRANT INSERT ON app.deletions TO cratersync_worker;

-- The last word: no deletion of what is held is written down, and none begins. Whoever places a hold has the lock to
-- themselves, so one of the two is first.
CREATE FUNCTION app.refuse_when_held() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('holds ' || NEW.organization_id, 0));
  IF EXISTS (
    SELECT FROM app.recordings r JOIN app.sessions s USING (organization_id, session_id)
      JOIN app.organizations o USING (organization_id)
    WHERE r.organization_id = NEW.organization_id AND r.recording_id = NEW.recording_id
      AND coalesce(r.held_at, s.held_at, o.held_at) IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'recording % is held', NEW.recording_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_when_held BEFORE INSERT ON app.deletions
  FOR EACH ROW EXECUTE FUNCTION app.refuse_when_held();
CREATE TRIGGER refuse_when_held_later BEFORE UPDATE OF started_at ON app.deletions
  FOR EACH ROW WHEN (OLD.started_at IS NULL AND NEW.started_at IS NOT NULL) EXECUTE FUNCTION app.refuse_when_held();

INSERT INTO app.job_names (name, scope) VALUES ('apply-retention', 'organization');
