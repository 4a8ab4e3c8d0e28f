// The least that an answer costs here: Express sends what it was given, and looks at nothing. Ends with its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.disable('x-powered-by');
const body: unknown = JSON.parse(process.argv[2] ?? '{}');
app.get('/', (_request, response) => void response.json(body));
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
