-- Jobs that need the store or the keys are for workers of their organization's region: its name is part of theirs.
ALTER TABLE app.job_names ADD COLUMN regional boolean NOT NULL DEFAULT false;
UPDATE app.job_names SET regional = true
  WHERE name IN ('render-stems', 'render-extra', 'erase-recording', 'erase-organization', 'tend-customer-key',
    'write-export', 'expire-export');

-- As its owner, the worker, who may create in the schema for so long only.
GRANT CREATE ON SCHEMA app TO cratersync_worker;
SET LOCAL ROLE cratersync_worker;
CREATE OR REPLACE FUNCTION app.enqueue_job(
  identifier text, payload json, job_key text, run_at timestamptz DEFAULT NULL
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  wanted record;
  whose uuid;
  region text := '';
BEGIN
  SELECT scope, regional INTO wanted FROM app.job_names WHERE name = identifier;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no job is named %', identifier USING ERRCODE = 'insufficient_privilege';
  END IF;
  whose := CASE
    WHEN wanted.scope IN ('organization', 'either') AND app.scope_organization() IS NOT NULL THEN app.scope_organization()
    WHEN wanted.scope IN ('account', 'either') THEN app.scope_account()
  END;
  IF whose IS NULL OR (payload ->> CASE whose WHEN app.scope_organization() THEN 'organizationId' ELSE 'accountId' END)::uuid
    IS DISTINCT FROM whose
  THEN
    RAISE EXCEPTION 'a job belongs to whoever is in scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF wanted.regional AND app.scope_organization() IS NOT NULL THEN
    SELECT ':' || o.region INTO STRICT region FROM app.organizations o WHERE o.organization_id = app.scope_organization();
  END IF;
  PERFORM graphile_worker.add_job(
    identifier || region, payload, run_at := enqueue_job.run_at,
    job_key := identifier || ':' || whose || ':' || enqueue_job.job_key
  );
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA app FROM cratersync_worker;
