-- Whoever takes their own data with them takes the markers that they set, too. Guests have no account, and of earlier markers
-- nobody knows whose they are.
CREATE POLICY own ON app.markers FOR SELECT TO cratersync_worker USING (made_by_account = app.scope_account());
