-- More may be asked of the worker, and for later. As its owner, the worker, who may create in the schema for so long only.
GRANT CREATE ON SCHEMA app TO cratersync_worker;
SET LOCAL ROLE cratersync_worker;
DROP FUNCTION app.enqueue_job(text, json, text);
CREATE FUNCTION app.enqueue_job(identifier text, payload json, job_key text, run_at timestamptz DEFAULT NULL)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF identifier NOT IN ('render-stems', 'render-extra', 'deliver-webhook', 'erase-recording') THEN
    RAISE EXCEPTION 'no job is named %', identifier USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (payload ->> 'organizationId')::uuid IS DISTINCT FROM app.scope_organization() THEN
    RAISE EXCEPTION 'a job belongs to the organization in scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job(
    identifier, payload, run_at := enqueue_job.run_at,
    job_key := identifier || ':' || app.scope_organization() || ':' || enqueue_job.job_key
  );
END $$;
REVOKE ALL ON FUNCTION app.enqueue_job FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enqueue_job TO cratersync_app, cratersync_worker;
RESET ROLE;
REVOKE CREATE ON SCHEMA app FROM cratersync_worker;
