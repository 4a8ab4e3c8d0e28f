// Express as in bare-express.ts, with our own log and metrics before it unless told `off`. Ends with its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog, Metrics } from '@cratersync/infra/runtime';
import { identified, requestLog } from '@cratersync/signaling/testing';
import express from 'express';
import { destination } from 'pino';

const [isWatched = 'on', file = '/dev/null'] = process.argv.slice(2);
const app = express();
if (isWatched === 'on')
  app.use(
    identified,
    requestLog({ log: createLog('bench', 'info', destination(file)), metrics: new Metrics() }),
  );
app.get('/', (_request, response) => void response.json({ sessions: [] }));
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit(0));
