-- What a program shows in place of a person's sign-in. `created_by` is whose word it acts on: without their being owner or
-- admin it opens nothing.
CREATE FUNCTION app.scope_api_token() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('app.api_token_hash', true), ''), 'hex') $$;

CREATE TABLE app.api_tokens (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  token_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  -- Its last characters, to tell it from others.
  hint text NOT NULL CHECK (length(hint) = 4),
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_by uuid NOT NULL REFERENCES app.accounts,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- To the hour.
  last_used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, token_id),
  UNIQUE (organization_id, token_hash)
);
CREATE INDEX api_tokens_hash ON app.api_tokens (token_hash);
ALTER TABLE app.api_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.api_tokens TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.api_tokens TO cratersync_app;
GRANT UPDATE (last_used_at, revoked_at) ON app.api_tokens TO cratersync_app;

-- Whoever shows a token sees it, its organization, and what its maker is there.
CREATE POLICY by_api_token ON app.api_tokens FOR SELECT TO cratersync_app
  USING (token_hash = app.scope_api_token());
CREATE POLICY by_api_token ON app.organizations FOR SELECT TO cratersync_app
  USING (organization_id = ANY (ARRAY(
    SELECT t.organization_id FROM app.api_tokens t WHERE t.token_hash = app.scope_api_token()
  )));
CREATE POLICY by_api_token ON app.memberships FOR SELECT TO cratersync_app
  USING ((organization_id, account_id) IN (
    SELECT t.organization_id, t.created_by FROM app.api_tokens t WHERE t.token_hash = app.scope_api_token()
  ));

ALTER TABLE app.audit_entries DROP CONSTRAINT audit_entries_actor_kind_check;
ALTER TABLE app.audit_entries ADD CONSTRAINT audit_entries_actor_kind_check
  CHECK (actor_kind IN ('account', 'participant', 'token', 'system'));
