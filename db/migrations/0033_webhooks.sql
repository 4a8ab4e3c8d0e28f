-- Where an organization wants to be told of its recordings.
CREATE TABLE app.webhooks (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  webhook_id uuid NOT NULL,
  url text NOT NULL CHECK (length(url) <= 500),
  events text[] NOT NULL CHECK (cardinality(events) > 0),
  -- Sealed under a key that is not in the database.
  secret_sealed bytea NOT NULL,
  created_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Since when nothing has arrived; null while things do.
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  PRIMARY KEY (organization_id, webhook_id),
  CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

-- One message to one of them, and how it went the last time it was tried.
CREATE TABLE app.webhook_deliveries (
  organization_id uuid NOT NULL DEFAULT app.scope_organization(),
  delivery_id uuid NOT NULL DEFAULT gen_random_uuid(),
  webhook_id uuid NOT NULL,
  event text NOT NULL CHECK (length(event) <= 60),
  -- As it is signed and sent, byte for byte.
  payload text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  attempts int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_attempt_at timestamptz,
  status int,
  answer text CHECK (length(answer) <= 1000),
  error text,
  delivered_at timestamptz,
  -- It is not tried any more.
  failed_at timestamptz,
  PRIMARY KEY (organization_id, delivery_id),
  FOREIGN KEY (organization_id, webhook_id) REFERENCES app.webhooks ON DELETE CASCADE,
  CHECK (delivered_at IS NULL OR failed_at IS NULL)
);
CREATE INDEX webhook_deliveries_newest
  ON app.webhook_deliveries (organization_id, webhook_id, created_at DESC, delivery_id DESC);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['webhooks', 'webhook_deliveries'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY in_organization ON app.%I TO cratersync_app, cratersync_worker
         USING (organization_id = app.scope_organization())
         WITH CHECK (organization_id = app.scope_organization())',
      tenant_table
    );
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON app.webhooks TO cratersync_app;
GRANT UPDATE (events, failing_since, disabled_at, disabled_reason) ON app.webhooks TO cratersync_app;
GRANT SELECT, INSERT, DELETE ON app.webhook_deliveries TO cratersync_app;
GRANT UPDATE (delivered_at, failed_at) ON app.webhook_deliveries TO cratersync_app;
GRANT SELECT ON app.webhooks TO cratersync_worker;
GRANT UPDATE (failing_since, disabled_at, disabled_reason) ON app.webhooks TO cratersync_worker;
GRANT SELECT, INSERT, DELETE ON app.webhook_deliveries TO cratersync_worker;
GRANT UPDATE (attempts, last_attempt_at, status, answer, error, delivered_at, failed_at) ON app.webhook_deliveries
  TO cratersync_worker;
-- It writes down that it switched one off.
GRANT SELECT, INSERT ON app.audit_entries TO cratersync_worker;
