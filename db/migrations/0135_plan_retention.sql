-- How long an organization's plan keeps recordings at most; NULL: as long as wanted, and wherever billing is off. What holds
-- is the shorter one of this and the organization's or session's own time.
ALTER TABLE app.organizations ADD COLUMN plan_retention_days int CHECK (plan_retention_days BETWEEN 7 AND 3650);
GRANT UPDATE (plan_retention_days) ON app.organizations TO cratersync_app, cratersync_worker;
GRANT UPDATE (keeping_changed_at) ON app.organizations TO cratersync_worker;

-- Whether billing was on when the worker last had every organization's plan looked at, and how far it got in that, in the
-- order of the accounts.
CREATE TABLE app.plan_rounds (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  is_billed boolean NOT NULL,
  up_to uuid,
  finished_at timestamptz
);
INSERT INTO app.plan_rounds (is_billed, finished_at) VALUES (false, now());
GRANT SELECT, UPDATE ON app.plan_rounds TO cratersync_worker;
