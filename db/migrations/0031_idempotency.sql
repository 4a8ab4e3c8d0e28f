-- What was answered to a request that may be sent twice. The answer is sealed under a key that is not in the database: it
-- may hold a link that is shown once.
CREATE TABLE app.idempotency_keys (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  -- The account or the token: each has its own keys.
  actor_id uuid NOT NULL,
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  started_at timestamptz NOT NULL DEFAULT now(),
  -- Both null while it is being answered.
  status smallint CHECK (status BETWEEN 200 AND 299),
  answer bytea,
  PRIMARY KEY (organization_id, actor_id, key_hash),
  CHECK ((status IS NULL) = (answer IS NULL))
);
CREATE INDEX idempotency_keys_age ON app.idempotency_keys (organization_id, started_at);
ALTER TABLE app.idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.idempotency_keys TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT, DELETE ON app.idempotency_keys TO cratersync_app;
GRANT UPDATE (status, answer) ON app.idempotency_keys TO cratersync_app;
