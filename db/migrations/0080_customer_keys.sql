-- An organization's own key in AWS KMS, in place of this installation's, and how far its recordings are locked by it.
-- No secret is here: who may use the key is for AWS to say.
CREATE TABLE app.customer_keys (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() PRIMARY KEY REFERENCES app.organizations,
  -- What new recordings are locked by; null: this installation's key.
  key_arn text CHECK (length(key_arn) <= 300),
  role_arn text CHECK (length(role_arn) <= 600),
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- What was entered, and has not been tried, or was refused.
  wanted_key_arn text CHECK (length(wanted_key_arn) <= 300),
  wanted_role_arn text CHECK (length(wanted_role_arn) <= 600),
  refused text,
  -- Of the session keys that are there, those that are locked by what is in use; finished when all are.
  done int NOT NULL DEFAULT 0 CHECK (done >= 0),
  total int NOT NULL DEFAULT 0 CHECK (total >= 0),
  finished_at timestamptz,
  -- What the key said the last time it was tried, when that was no.
  trouble text,
  trouble_since timestamptz,
  CHECK (key_arn IS NOT NULL OR role_arn IS NULL),
  CHECK (wanted_key_arn IS NOT NULL OR (wanted_role_arn IS NULL AND refused IS NULL)),
  CHECK ((trouble IS NULL) = (trouble_since IS NULL))
);
ALTER TABLE app.customer_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.customer_keys TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.customer_keys TO cratersync_app;
GRANT UPDATE (key_arn, role_arn, changed_at, wanted_key_arn, wanted_role_arn, refused, done, total, finished_at, trouble,
  trouble_since) ON app.customer_keys TO cratersync_app, cratersync_worker;
GRANT SELECT ON app.customer_keys TO cratersync_worker;

INSERT INTO app.job_names VALUES ('tend-customer-key', 'organization');
