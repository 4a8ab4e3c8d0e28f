-- What an erased organization paid for ends with it.
INSERT INTO app.job_names (name, scope) VALUES ('end-subscription', 'organization');
GRANT SELECT (organization_id, ctid), DELETE ON app.subscriptions TO cratersync_worker;
CREATE POLICY only_when_erased ON app.subscriptions AS RESTRICTIVE FOR DELETE TO cratersync_worker
  USING (app.is_being_erased());
