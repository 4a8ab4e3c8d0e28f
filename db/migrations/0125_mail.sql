-- Letters that the queue has given up. They are as private as the queue: the worker puts them there, and the database's owner
-- looks at them, and sends them anew.
CREATE TABLE app.dead_letters (
  -- That of its job, which its Message-ID has, too.
  letter_id bigint PRIMARY KEY,
  job json NOT NULL,
  -- Masked: whose it is, the job says.
  address text NOT NULL CHECK (length(address) <= 254),
  reason text NOT NULL CHECK (reason IN ('used-up', 'refused', 'bounced', 'held-back')),
  -- The mail server's.
  words text NOT NULL CHECK (length(words) <= 300),
  attempts int NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON app.dead_letters TO cratersync_worker;

-- Where mail was refused for good. Until somebody has proven that they read mail there, or some time has passed, only what
-- has to be tried is sent there.
CREATE TABLE app.unreachable_addresses (
  email text PRIMARY KEY CHECK (email = lower(email) AND length(email) <= 254),
  words text NOT NULL CHECK (length(words) <= 300),
  since timestamptz NOT NULL DEFAULT now(),
  until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.unreachable_addresses TO cratersync_app, cratersync_worker;

-- What became of an invitation's mail, when it was not taken.
ALTER TABLE app.member_invitations
  ADD COLUMN undelivered_why text CHECK (undelivered_why IN ('unreached', 'refused')),
  ADD COLUMN undelivered_words text CHECK (length(undelivered_words) <= 300);
GRANT UPDATE (undelivered_why, undelivered_words) ON app.member_invitations TO cratersync_app;
