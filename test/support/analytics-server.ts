import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Stands in for Google Analytics, which browsers under test are led to. */
export interface AnalyticsServer {
  /** Of its hosts: where browsers go instead. */
  leads: { from: string; to: string }[];
  /** What it was asked for, newest last. */
  requests: string[];
  close(): Promise<void>;
}

/**
 * What Google's script does with the commands that wait: sets its two cookies as it is told, and tells the server of the
 * page. It remembers the configuration for whoever wants to look.
 */
async function gtag(): Promise<void> {
  const page = window as unknown as {
    dataLayer: IArguments[];
    told: unknown[];
    [flag: `ga-disable-${string}`]: boolean;
  };
  page.told = page.dataLayer.map(command => Array.from(command));
  const config = page.told.find(command => Array.isArray(command) && command[0] === 'config') as
    | [string, string, { cookie_expires?: number }]
    | undefined;
  if (config === undefined || page[`ga-disable-${config[1]}`]) return;
  const [, id, { cookie_expires: expires = 63_072_000 }] = config;
  for (const name of ['_ga', `_ga_${id.slice(2)}`])
    await cookieStore.set({ name, value: 'GA1.1.1', expires: Date.now() + expires * 1000 });
  navigator.sendBeacon(
    `https://www.google-analytics.com/g/collect?tid=${id}&dl=${encodeURIComponent(location.href)}`,
  );
}

export async function startAnalyticsServer(): Promise<AnalyticsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-analytics-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(folder, name)) as [string, string];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
    ...['-subj', '/CN=www.googletagmanager.com', '-keyout', key, '-out', cert],
  ]);
  const requests: string[] = [];
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      requests.push(`${request.headers.host}${request.url}`);
      const isScript = request.url?.startsWith('/gtag/js') ?? false;
      response.writeHead(isScript ? 200 : 204, { 'content-type': 'text/javascript' });
      response.end(isScript ? `(${gtag})();` : '');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const to = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    leads: ['www.googletagmanager.com', 'www.google-analytics.com'].map(from => ({ from, to })),
    requests,
    close: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
      await rm(folder, { recursive: true });
    },
  };
}
