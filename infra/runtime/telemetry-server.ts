import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Metrics } from './metrics.ts';

/** What a process says of itself to `cratersync status`. */
export type ReadStatus = () => Record<string, unknown> | Promise<Record<string, unknown>>;

/**
 * `GET /metrics` for Prometheus, `GET /status` for `cratersync status`. There is no door: it listens on loopback unless told
 * otherwise, and says nothing that names a person.
 */
export async function serveTelemetry(options: {
  host: string;
  port: number;
  metrics: Metrics;
  status: ReadStatus;
}): Promise<{ port: number; close(): void }> {
  const { host, port, metrics, status } = options;
  const answer = async (url: string | undefined): Promise<{ code: number; type: string; body: string }> => {
    switch (url) {
      case '/metrics': {
        const { registry } = metrics;
        return { code: 200, type: registry.contentType, body: await registry.metrics() };
      }
      case '/status':
        return { code: 200, type: 'application/json', body: JSON.stringify(await status()) };
      default:
        return { code: 404, type: 'text/plain', body: 'GET /metrics or /status\n' };
    }
  };
  const server = createServer((request, response) => {
    answer(request.method === 'GET' ? request.url : undefined).then(
      ({ code, type, body }) => response.writeHead(code, { 'Content-Type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  // A port that is taken ends the process, and says so.
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
