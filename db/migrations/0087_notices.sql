-- What changes in the terms, the privacy policy, or who works for us: announced a month ahead, and never changed afterwards.
-- The database's owner alone publishes.
CREATE TABLE app.notices (
  notice_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('privacy', 'terms', 'sub-processors')),
  version int NOT NULL CHECK (version > 0),
  announced_at timestamptz NOT NULL,
  effective_at timestamptz NOT NULL,
  title_en text NOT NULL CHECK (length(title_en) BETWEEN 1 AND 200),
  text_en text NOT NULL CHECK (length(text_en) BETWEEN 1 AND 10000),
  title_fr text NOT NULL CHECK (length(title_fr) BETWEEN 1 AND 200),
  text_fr text NOT NULL CHECK (length(text_fr) BETWEEN 1 AND 10000),
  UNIQUE (kind, version),
  -- In hours: a day is not always 24 of them.
  CHECK (effective_at >= announced_at + interval '720 hours')
);

CREATE FUNCTION app.announce_now() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  -- Not when somebody says that it was.
  NEW.announced_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER announce_now BEFORE INSERT ON app.notices FOR EACH ROW EXECUTE FUNCTION app.announce_now();
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  RAISE EXCEPTION 'what was published stays as it is: publish another version' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON app.notices
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
GRANT SELECT ON app.notices TO cratersync_app, cratersync_worker;

-- How far the owners of organizations have been written to, in the order of their accounts.
CREATE TABLE app.notice_mailings (
  notice_id uuid PRIMARY KEY REFERENCES app.notices,
  up_to uuid,
  finished_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON app.notice_mailings TO cratersync_worker;

-- That an owner has taken note, for their organization.
CREATE TABLE app.notice_acknowledgements (
  organization_id uuid NOT NULL DEFAULT app.scope_organization() REFERENCES app.organizations,
  notice_id uuid NOT NULL REFERENCES app.notices,
  account_id uuid NOT NULL REFERENCES app.accounts,
  acknowledged_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, notice_id, account_id)
);
ALTER TABLE app.notice_acknowledgements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.notice_acknowledgements TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT ON app.notice_acknowledgements TO cratersync_app;
