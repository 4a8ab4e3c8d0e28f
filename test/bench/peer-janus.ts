import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { launch, type Peer } from './peer.ts';
import type { Outgoing, Target } from './traffic.ts';

/** Its streaming plugin: a mountpoint for each pair of tracks, and a .mjr file for each track. */
export const janus: Peer = {
  name: 'Janus',
  packages: ['janus'],
  async start(outgoing, targets, folder) {
    const configs = join(folder, 'configs');
    const port = await freeTcpPort();
    await configure(configs, port);
    const { pid, stop } = launch('janus', [
      '--config',
      join(configs, 'janus.jcfg'),
      '--configs-folder',
      configs,
      '--debug-level=2',
    ]);
    const ask = await connect(`http://127.0.0.1:${port}/janus`);
    for (let first = 0; first < targets.length; first += 2) {
      const media = [first, first + 1].flatMap(index => {
        const [track, target] = [outgoing[index], targets[index]];
        return track === undefined || target === undefined ? [] : [{ index, track, target }];
      });
      const id = first + 1;
      await ask({ request: 'create', type: 'rtp', id, media: media.map(mountpointMedia) });
      await ask({
        request: 'recording',
        action: 'start',
        id,
        media: media.map(({ index }) => ({ mid: String(index), filename: join(folder, String(index)) })),
      });
    }
    return { pids: [pid], stop };
  },
};

function mountpointMedia({ index, track, target }: { index: number; track: Outgoing; target: Target }) {
  const codec = track.kind === 'audio' ? 'opus' : 'vp8';
  const { port, rtcpPort: rtcpport, ip: iface } = target;
  return { type: track.kind, mid: String(index), codec, pt: track.payloadType, port, rtcpport, iface };
}

/** Only what is needed is loaded: this plugin, and HTTP to command it. */
async function configure(folder: string, port: number): Promise<void> {
  const { stdout } = await promisify(execFile)('dpkg', ['-L', 'janus']);
  const only = async (library: string) => {
    const own = join(folder, library);
    await mkdir(own, { recursive: true });
    const path = stdout.split('\n').find(line => line.endsWith(`/${library}.so`)) ?? '';
    await symlink(path, join(own, `${library}.so`));
    return own;
  };
  const folders = {
    plugins_folder: await only('libjanus_streaming'),
    transports_folder: await only('libjanus_http'),
  };
  const named = Object.entries(folders).map(([name, path]) => `${name} = "${path}"`);
  const write = (name: string, text: string) => writeFile(join(folder, `${name}.jcfg`), `${text}\n`);
  await write('janus', `general: { session_timeout = 0, interface = "127.0.0.1", ${named.join(', ')} }`);
  await write('janus.plugin.streaming', 'general: {}');
  await write(
    'janus.transport.http',
    `general: { json = "plain", http = true, port = ${port}, ip = "127.0.0.1" }`,
  );
}

interface Answer {
  janus: string;
  data?: { id: number };
  plugindata?: { data: { error?: string } };
  error?: { reason: string };
}

/** @returns what sends a request to the streaming plugin, and throws what it has against it */
async function connect(url: string): Promise<(body: object) => Promise<void>> {
  const post = async (path: string, message: object): Promise<Answer> => {
    const response = await fetch(url + path, {
      method: 'POST',
      body: JSON.stringify({ transaction: randomUUID(), ...message }),
    });
    const answer = (await response.json()) as Answer;
    const refused = answer.error?.reason ?? answer.plugindata?.data.error;
    if (refused !== undefined) throw new Error(`Janus: ${refused}`);
    return answer;
  };
  const created = await untilUp(() => post('', { janus: 'create' }));
  const session = `/${created.data?.id}`;
  const attached = await post(session, { janus: 'attach', plugin: 'janus.plugin.streaming' });
  const handle = `${session}/${attached.data?.id}`;
  return async body => {
    await post(handle, { janus: 'message', body });
  };
}

async function untilUp<T>(work: () => Promise<T>): Promise<T> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempts > 100) throw error;
      await delay(100);
    }
  }
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
