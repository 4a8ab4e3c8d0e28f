import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { StartError, systemErrorCode } from './start-error.ts';

/**
 * Free TCP ports of 127.0.0.1, one for each name. They are written down in the data folder and taken again
 * next time if they still are free: the worker, for one, knows by its port which unfinished jobs are its own.
 */
export async function assignPorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = path.join(dataDir, 'ports.json');
  const known: Record<string, unknown> = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
  const servers = await Promise.all(
    names.map(async name => {
      const port = known[name];
      const again = typeof port === 'number' ? listen(port, '127.0.0.1') : Promise.reject(new Error('new'));
      return again.catch(() => listen(0, '127.0.0.1'));
    }),
  );
  const ports = Object.assign({}, ...names.map((name, index) => ({ [name]: portOf(servers[index]) })));
  await Promise.all(servers.map(close));
  await writeFile(file, `${JSON.stringify({ ...known, ...ports })}\n`);
  return ports;
}

/** @throws StartError when nothing could listen there */
export async function checkPort(host: string, port: number): Promise<void> {
  try {
    await close(await listen(port, host));
  } catch (error) {
    throw new StartError(explain(host, port, systemErrorCode(error)), error);
  }
}

function explain(host: string, port: number, code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use. Stop what listens there, or choose another: PORT=${port + 1} make start`;
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023: PORT=3000 make start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST=${host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for every address.`;
    default:
      return `Cannot listen on ${host}:${port} (${code ?? 'unknown reason'}). Choose another HOST or PORT.`;
  }
}

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (typeof address !== 'object' || address === null) throw new Error('not a TCP server');
  return address.port;
}
