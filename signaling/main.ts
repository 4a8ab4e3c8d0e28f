import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openDatabase, unreachableAddresses, unscoped } from '@cratersync/db';
import { runProcess, systemClock } from '@cratersync/infra/runtime';
import { billingConfig } from './billing/config.ts';
import { openPayments } from './billing/payments.ts';
import { PlanLimits } from './billing/standing.ts';
import { readSignalingConfig, workerUrlOf } from './config.ts';
import { health } from './health.ts';
import { createApp } from './http/app.ts';
import type { RoomsPort } from './http/rooms-port.ts';
import { mailMetrics } from './mail/mail-metrics.ts';
import { createMailer } from './mail/mailer.ts';
import { roomMetrics } from './metrics.ts';
import { region } from './protocol/index.ts';
import { Catalogue } from './rooms/catalogue.ts';
import { Rooms } from './rooms/rooms.ts';
import { listen } from './socket/listen.ts';
import { serveNodes } from './socket/nodes-socket.ts';
import { serveRooms } from './socket/room-socket.ts';
import { socketServers } from './socket/servers.ts';
import { iceServersOf, turnConfig } from './turn.ts';

const clientDir = fileURLToPath(new URL('../client/dist', import.meta.url));

runProcess('signaling', async ({ log, metrics, onShutdown, onStatus, env }) => {
  const config = readSignalingConfig(env);
  const db = openDatabase({ url: config.DATABASE_URL, log });
  onShutdown(() => db.close());
  const mail = createMailer(config, {
    onSent: mailMetrics(metrics),
    onBounced: bounced => unscoped(db, tx => unreachableAddresses.mark(tx, bounced)),
  });
  onShutdown(() => mail.close());
  const billing = billingConfig(config, { isTold: true });
  const payments = billing === null ? null : openPayments(billing);
  const limits = new PlanLimits(payments !== null);
  const catalogue = new Catalogue({ db, limits, log });
  onShutdown(() => catalogue.settled());
  const iceServers = iceServersOf(turnConfig(config), systemClock);
  const rooms = new Rooms({ catalogue, iceServers, clock: systemClock, log });
  // Before the socket servers are put in front of it: what is theirs never reaches the app.
  const http = createServer((request, response) => app(request, response));
  const { browsers, nodes } = socketServers(http, config.PUBLIC_URL);
  const { evictions, moderation } = serveRooms(browsers, { db, rooms, limits, log, metrics });
  const nodeSecrets = [config.NODE_SECRET, config.NODE_SECRET_PREVIOUS ?? []].flat();
  const regions = config.REGIONS ?? null;
  serveNodes(nodes, { secrets: nodeSecrets, regions, rooms, log });
  roomMetrics(metrics, { rooms, browsers, sealingKey: config.SEALING_KEY });
  const workerUrls = [...new Set((regions ?? region.options).map(each => workerUrlOf(config, each)))];
  const currently = () => health({ db, rooms, regions, workerUrls, inboxUrl: config.DEV_INBOX_URL });
  onStatus(async () => {
    const { rooms: live, people, waiting, recording } = rooms.figures();
    return { rooms: live, people, waiting, recording, health: await currently() };
  });
  const roomsPort: RoomsPort = {
    dismissRevoked: organizationId => evictions.sweep(organizationId),
    settingsChanged: (place, settings) => moderation.settingsChanged(place, settings),
    openProbe: async ({ sessionId, region }, dtlsParameters) => ({
      ...(await rooms.sfus.pick(sessionId, region).ask('probe.open', { dtlsParameters })),
      iceServers: iceServers(),
    }),
  };
  const app = createApp({
    config,
    db,
    mail,
    log,
    payments,
    metrics,
    rooms: roomsPort,
    worker: { urlOf: region => workerUrlOf(config, region), secret: config.NODE_SECRET },
    clientDir,
    health: currently,
  });
  await listen(http, { host: config.HOST, port: config.PORT });
  onShutdown(async () => {
    await Promise.all([browsers.close(), nodes.close()]);
    http.closeAllConnections();
  });
});
