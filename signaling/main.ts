import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { inOrganization, openDatabase, participants } from '@cratersync/db';
import { runProcess, systemClock } from '@cratersync/infra/runtime';
import { Server } from 'socket.io';
import { readSignalingConfig } from './config.ts';
import { health } from './health.ts';
import { createApp } from './http/app.ts';
import type { RoomsPort } from './http/rooms-port.ts';
import { createMailer } from './mail/mailer.ts';
import { errors, NODES_PATH } from './protocol/index.ts';
import { Catalogue } from './rooms/catalogue.ts';
import { Rooms } from './rooms/rooms.ts';
import { listen } from './socket/listen.ts';
import { serveNodes } from './socket/nodes-socket.ts';
import { serveRooms } from './socket/room-socket.ts';

const clientDir = fileURLToPath(new URL('../client/dist', import.meta.url));
/** A browser's largest honest message is its RTP capabilities, a few KiB. */
const MAX_BROWSER_MESSAGE_BYTES = 64 * 1024;
const MAX_NODE_MESSAGE_BYTES = 16 * 1024 * 1024;

runProcess('signaling', async ({ log, onShutdown, env }) => {
  const config = readSignalingConfig(env);
  const db = openDatabase({ url: config.DATABASE_URL, log });
  onShutdown(() => db.close());
  const mail = createMailer(config);
  onShutdown(() => mail.close());
  const catalogue = new Catalogue(db, log);
  onShutdown(() => catalogue.settled());
  const rooms = new Rooms({ catalogue, clock: systemClock, log });
  const roomsPort: RoomsPort = {
    dismissRevoked: organizationId =>
      rooms.dismissWhere(organizationId, async participantId => {
        const seat = await inOrganization(db, organizationId, tx => participants.seat(tx, participantId));
        if (seat?.revoked !== true) return null;
        return seat.role === 'host' ? errors.membershipEnded() : errors.linkInvalid();
      }),
  };
  const app = createApp({
    config,
    db,
    mail,
    log,
    rooms: roomsPort,
    worker: { url: config.WORKER_URL, secret: config.NODE_SECRET },
    clientDir,
    health: () => health({ db, rooms, workerUrl: config.WORKER_URL, inboxUrl: config.DEV_INBOX_URL }),
  });
  const http = createServer(app);
  const origin = new URL(config.PUBLIC_URL).origin;
  const browsers = new Server(http, {
    maxHttpBufferSize: MAX_BROWSER_MESSAGE_BYTES,
    serveClient: false,
    // Both transports: a page of another site may not speak for somebody who is here.
    allowRequest: (request, decide) =>
      decide(null, request.headers.origin === undefined || request.headers.origin === origin),
  });
  const nodes = new Server(http, {
    path: NODES_PATH,
    maxHttpBufferSize: MAX_NODE_MESSAGE_BYTES,
    serveClient: false,
    transports: ['websocket'],
    // A machine that is gone says nothing: others take over what it did, and must not wait for a minute.
    pingInterval: 2_000,
    pingTimeout: 4_000,
  });
  serveRooms(browsers, { db, rooms, log });
  serveNodes(nodes, { secret: config.NODE_SECRET, rooms, log });
  await listen(http, { host: config.HOST, port: config.PORT });
  onShutdown(async () => {
    await Promise.all([browsers.close(), nodes.close()]);
    http.closeAllConnections();
  });
});
