-- More is made of every stem: .m4a, the waveform, small pictures, and what the certificate says of it.
ALTER TABLE app.stem_files DROP CONSTRAINT stem_files_format_check;
ALTER TABLE app.stem_files ADD CONSTRAINT stem_files_format_check
  CHECK (format IN ('wav', 'flac', 'm4a', 'mp4', 'webm', 'peaks', 'thumbs', 'sync'));

-- What is made when somebody asks for it: of one stem, or of the whole recording (without a stem).
CREATE TABLE app.renders (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  render_id uuid NOT NULL DEFAULT gen_random_uuid(),
  recording_id uuid NOT NULL,
  stem_id uuid,
  format text NOT NULL CHECK (format IN ('mp3', 'opus', 'cfr', 'mix', 'grid')),
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'rendering', 'ready', 'failed', 'cancelled')),
  progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
  note text,
  -- Of the last one that came out whole; it stays while another is made.
  object_key text,
  bytes bigint CHECK (bytes >= 0),
  PRIMARY KEY (organization_id, render_id),
  UNIQUE NULLS NOT DISTINCT (organization_id, recording_id, stem_id, format),
  FOREIGN KEY (organization_id, recording_id) REFERENCES app.recordings,
  FOREIGN KEY (organization_id, stem_id) REFERENCES app.stems ON DELETE CASCADE,
  CHECK ((stem_id IS NULL) = (format IN ('mix', 'grid'))),
  CHECK ((object_key IS NULL) = (bytes IS NULL)),
  CHECK (state <> 'ready' OR object_key IS NOT NULL)
);

ALTER TABLE app.renders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.renders TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization())
  WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.renders TO cratersync_app;
GRANT UPDATE (state, progress, note) ON app.renders TO cratersync_app;
GRANT SELECT ON app.renders TO cratersync_worker;
GRANT UPDATE (state, progress, note, object_key, bytes) ON app.renders TO cratersync_worker;

-- Somebody who asks for stems once more sets them back to 'waiting'.
GRANT UPDATE (state, progress, note) ON app.stems TO cratersync_app;

-- As its owner, the worker, who may create in the schema for so long only.
GRANT CREATE ON SCHEMA app TO cratersync_worker;
SET LOCAL ROLE cratersync_worker;
CREATE OR REPLACE FUNCTION app.enqueue_job(identifier text, payload json, job_key text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF identifier NOT IN ('render-stems', 'render-extra') THEN
    RAISE EXCEPTION 'no job is named %', identifier USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (payload ->> 'organizationId')::uuid IS DISTINCT FROM app.scope_organization() THEN
    RAISE EXCEPTION 'a job belongs to the organization in scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job(
    identifier, payload, job_key := identifier || ':' || app.scope_organization() || ':' || enqueue_job.job_key
  );
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA app FROM cratersync_worker;
