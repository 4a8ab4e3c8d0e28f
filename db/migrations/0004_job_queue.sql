-- The queue is graphile-worker's, in a schema that the worker role owns and migrates. The application adds jobs
-- through one function only. It runs as the worker, never as the owner of the database: whoever may redefine
-- graphile_worker.add_job must not thereby get to run code as somebody mightier.
--
-- This is the only SECURITY DEFINER function there is; test/rls holds the list.

CREATE SCHEMA graphile_worker AUTHORIZATION cratersync_worker;

CREATE FUNCTION app.enqueue_job(identifier text, payload json, job_key text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  IF identifier NOT IN ('render-stems') THEN
    RAISE EXCEPTION 'no job is named %', identifier USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF (payload ->> 'organizationId')::uuid IS DISTINCT FROM app.scope_organization() THEN
    RAISE EXCEPTION 'a job belongs to the organization in scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job(
    identifier, payload, job_key := identifier || ':' || app.scope_organization() || ':' || enqueue_job.job_key
  );
END $$;

-- Only who could create things in the schema may own a function in it.
GRANT CREATE ON SCHEMA app TO cratersync_worker;
ALTER FUNCTION app.enqueue_job OWNER TO cratersync_worker;
REVOKE CREATE ON SCHEMA app FROM cratersync_worker;
REVOKE ALL ON FUNCTION app.enqueue_job FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enqueue_job TO cratersync_app, cratersync_worker;
