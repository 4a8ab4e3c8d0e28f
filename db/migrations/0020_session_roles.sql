-- What somebody is in a session, who waits before it, and the links of each role.
ALTER TABLE app.participants DROP CONSTRAINT participants_role_check;
ALTER TABLE app.participants
  ADD CONSTRAINT participants_role_check CHECK (role IN ('host', 'co-host', 'guest', 'producer')),
  -- Whoever was inside once does not wait again.
  ADD COLUMN admitted_at timestamptz,
  -- A host or co-host sent them out: the credential opens nothing any more, and neither does the link they came by.
  ADD COLUMN removed_at timestamptz;
GRANT UPDATE (role, admitted_at, removed_at) ON app.participants TO cratersync_app;

ALTER TABLE app.sessions
  -- People who come by a link wait until they are admitted.
  ADD COLUMN lobby boolean NOT NULL DEFAULT false,
  -- Nobody new comes in by a link.
  ADD COLUMN locked boolean NOT NULL DEFAULT false,
  -- A host has ended it for everybody: only a host opens it again.
  ADD COLUMN closed boolean NOT NULL DEFAULT false;
GRANT UPDATE (lobby, locked, closed) ON app.sessions TO cratersync_app;

ALTER TABLE app.invitations
  ADD COLUMN role text NOT NULL DEFAULT 'guest' CHECK (role IN ('co-host', 'guest', 'producer')),
  -- How many people it lets in; NULL: any number.
  ADD COLUMN max_uses int CHECK (max_uses > 0),
  ADD COLUMN uses int NOT NULL DEFAULT 0 CHECK (uses >= 0 AND (max_uses IS NULL OR uses <= max_uses));
GRANT UPDATE (uses) ON app.invitations TO cratersync_app;
