-- The names of the jobs that there are, and whose they are. What has a job of its own adds a row here.
CREATE TABLE app.job_names (
  name text PRIMARY KEY,
  -- Whose scope it has to be asked for in, and whose id its payload has.
  scope text NOT NULL CHECK (scope IN ('organization', 'account', 'either'))
);
INSERT INTO app.job_names VALUES
  ('render-stems', 'organization'), ('render-extra', 'organization'), ('deliver-webhook', 'organization'),
  ('erase-recording', 'organization'), ('send-letter', 'either');
GRANT SELECT ON app.job_names TO cratersync_worker;

-- Letters are written in their readers' language, to the address that they have when they are sent.
GRANT SELECT (account_id, email, display_name, time_zone, language) ON app.accounts TO cratersync_worker;

-- As its owner, the worker, who may create in the schema for so long only.
GRANT CREATE ON SCHEMA app TO cratersync_worker;
SET LOCAL ROLE cratersync_worker;
CREATE OR REPLACE FUNCTION app.enqueue_job(
  identifier text, payload json, job_key text, run_at timestamptz DEFAULT NULL
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  wanted text := (SELECT scope FROM app.job_names WHERE name = identifier);
  whose uuid := CASE
    WHEN wanted IN ('organization', 'either') AND app.scope_organization() IS NOT NULL THEN app.scope_organization()
    WHEN wanted IN ('account', 'either') THEN app.scope_account()
  END;
BEGIN
  IF wanted IS NULL THEN
    RAISE EXCEPTION 'no job is named %', identifier USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF whose IS NULL OR (payload ->> CASE whose WHEN app.scope_organization() THEN 'organizationId' ELSE 'accountId' END)::uuid
    IS DISTINCT FROM whose
  THEN
    RAISE EXCEPTION 'a job belongs to whoever is in scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM graphile_worker.add_job(
    identifier, payload, run_at := enqueue_job.run_at, job_key := identifier || ':' || whose || ':' || enqueue_job.job_key
  );
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA app FROM cratersync_worker;
