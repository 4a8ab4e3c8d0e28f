-- What an organization pays for, as the payment service last told it, and what the operator has granted beside it. Without
-- a row, and where billing is off, nobody looks here.
CREATE TABLE app.subscriptions (
  organization_id uuid PRIMARY KEY DEFAULT app.scope_organization() REFERENCES app.organizations,
  customer_id text CHECK (length(customer_id) <= 255),
  subscription_id text CHECK (length(subscription_id) <= 255),
  -- Of the subscription's one line: what a change of plan or seats is made to.
  item_id text CHECK (length(item_id) <= 255),
  plan text CHECK (plan IN ('pro', 'team')),
  status text CHECK (status IN (
    'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused'
  )),
  seats int NOT NULL DEFAULT 0 CHECK (seats >= 0),
  renews_at timestamptz,
  trial_ends_at timestamptz,
  -- It ends then, and is not renewed.
  ends_at timestamptz,
  past_due_since timestamptz,
  had_trial boolean NOT NULL DEFAULT false,
  -- Which look at the payment service all this is from: an earlier one never overwrites a later one.
  fetched bigint NOT NULL DEFAULT 0,
  enterprise_seats int CHECK (enterprise_seats > 0),
  enterprise_until timestamptz,
  -- When the month began in which its owners were told that the hours of their plan are used up.
  hours_told timestamptz,
  CHECK ((subscription_id IS NULL) = (plan IS NULL)),
  CHECK ((subscription_id IS NULL) = (status IS NULL)),
  CHECK ((enterprise_seats IS NULL) = (enterprise_until IS NULL))
);
ALTER TABLE app.subscriptions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_organization ON app.subscriptions TO cratersync_app, cratersync_worker
  USING (organization_id = app.scope_organization()) WITH CHECK (organization_id = app.scope_organization());
GRANT SELECT, INSERT, UPDATE ON app.subscriptions TO cratersync_app;
GRANT SELECT ON app.subscriptions TO cratersync_worker;
GRANT UPDATE (hours_told) ON app.subscriptions TO cratersync_worker;

-- Events that were dealt with: each once, however often it comes. Whose they were does not stand here.
CREATE TABLE app.stripe_events (
  event_id text PRIMARY KEY CHECK (length(event_id) <= 255),
  type text NOT NULL CHECK (length(type) <= 255),
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stripe_events_at ON app.stripe_events (at);
GRANT SELECT, INSERT, DELETE ON app.stripe_events TO cratersync_app;
-- Numbers the looks at the payment service, in the order in which they begin.
CREATE SEQUENCE app.stripe_fetches;
GRANT USAGE ON SEQUENCE app.stripe_fetches TO cratersync_app;

-- Seats follow the members; hours are watched while something is recorded.
INSERT INTO app.job_names VALUES ('follow-seats', 'organization'), ('watch-hours', 'organization');
GRANT SELECT (state) ON app.organizations TO cratersync_worker;

-- How much was recorded this month is asked before each recording.
CREATE INDEX recordings_started ON app.recordings (organization_id, started_at);
