-- Where SEALING_KEY was rotated, a webhook's secret is sealed anew when it is used.
GRANT UPDATE (secret_sealed) ON app.webhooks TO cratersync_worker;
