-- When a recording began is known when the recorder has begun it; what stood there was when it was asked to.
GRANT UPDATE (started_at) ON app.recordings TO cratersync_app;
