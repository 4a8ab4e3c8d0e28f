import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { StartError, systemErrorCode } from './start-error.ts';

/**
 * TCP ports of 127.0.0.1 that are free right now, all different. Processes are told their port rather than
 * asked for it, so that they come back on the same one after a restart.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, '127.0.0.1')));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
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

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}
