import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@cratersync/infra/runtime';
import { rest } from '@cratersync/signaling/protocol';
import { iceServersOf, turnCredential } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import { io } from 'socket.io-client';
import { ApiClient, heard } from '../support/api.ts';
import { freePorts } from '../support/free-port.ts';
import { Nginx } from '../support/nginx.ts';
import { useStack } from '../support/stack.ts';
import { TurnServer } from '../support/turn-server.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const deploy = join(import.meta.dirname, '../../infra/deploy');

describe('what is deployed', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-deploy-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('systemd takes the units, which leave a process next to nothing', async () => {
    const names = await readdir(join(deploy, 'systemd'));
    const units = names.filter(name => /\.(service|timer)$/.test(name));
    const copies = await Promise.all(
      units.map(async name => {
        // What they run is not where it will be.
        const text = (await readFile(join(deploy, 'systemd', name), 'utf8')).replace(
          /^ExecStart=\S+/m,
          'ExecStart=/bin/true',
        );
        const copy = join(folder, name);
        await writeFile(copy, text);
        return copy;
      }),
    );
    const { stdout, stderr } = await run('systemd-analyze', ['verify', ...copies]);
    expect(stdout + stderr).to.equal('');
    for (const copy of copies.filter(each =>
      /cratersync-(signaling|sfu|recorder|worker)\.service$/.test(each),
    )) {
      const { stdout: said } = await run('systemd-analyze', [
        'security',
        '--offline=true',
        '--threshold=20',
        copy,
      ]);
      expect(said, copy).to.match(/Overall exposure level .*: 1\.\d OK/);
    }
  });

  it('compose takes the file, and each process is without rights on a root that is read only', async () => {
    await cp(join(deploy, 'compose'), join(folder, 'compose'), { recursive: true });
    for (const region of ['ca', 'fr']) {
      for (const name of ['signaling', 'sfu', 'recorder', 'worker'])
        await writeFile(join(folder, 'compose', region, `${name}.env`), `WHO=${region}-${name}\n`);
      const file = join(folder, 'compose/compose.yml');
      const env = { ...process.env, REGION: region };
      const all = ['--profile', 'tools', '--profile', 'database'];
      const { stdout } = await run('docker-compose', ['-f', file, ...all, 'config'], { env });
      for (const name of ['signaling', 'sfu', 'recorder', 'worker'])
        expect(stdout).to.contain(`WHO: ${region}-${name}`);
      // `prepare` and the four.
      for (const line of ['read_only: true', 'cap_drop:', '- no-new-privileges:true'])
        expect(stdout.split(line).length - 1, line).to.equal(5);
    }
  });

  describe('nginx, before a running stack,', () => {
    let nginx: Nginx;
    let ports: { http: number; https: number; signaling: number };
    let origin: string;
    before(async () => {
      const [http = 0, https = 0, signaling = 0] = await freePorts(3);
      ports = { http, https, signaling };
      origin = `https://localhost:${ports.https}`;
      nginx = await Nginx.start(folder, ports);
    });
    after(() => nginx?.stop());
    const scene = useStack(() => ({ PUBLIC_URL: origin, PORT: String(ports.signaling) }));

    const curl = async (...args: string[]) => {
      const { stdout } = await run('curl', ['--silent', '--insecure', '--max-time', '10', ...args]);
      return stdout;
    };

    it('speaks HTTP/2 over TLS 1.2 and newer, and leads there from plain HTTP', async () => {
      expect(await curl('--http2', '-o', '/dev/null', '-w', '%{http_version} %{http_code}', origin)).to.equal(
        '2 200',
      );
      expect(await curl('--tls-max', '1.2', '-o', '/dev/null', '-w', '%{http_code}', origin)).to.equal('200');
      const old = await curl(
        '--tlsv1.0',
        '--tls-max',
        '1.1',
        '--ciphers',
        'DEFAULT@SECLEVEL=0',
        origin,
      ).catch(() => 'refused');
      expect(old).to.equal('refused');
      const moved = await curl(
        '-o',
        '/dev/null',
        '-w',
        '%{http_code} %{redirect_url}',
        `http://localhost:${ports.http}/a`,
      );
      expect(moved).to.equal('308 https://localhost/a');
    });

    it('gives each request an id, and keeps what is asked for out of its log', async () => {
      const head = await curl('-D', '-', '-o', '/dev/null', `${origin}/healthz?a-secret`);
      const id = /^x-request-id: ([0-9a-f]{32})\r$/im.exec(head)?.[1] ?? expect.fail(head);
      // A log line may come a moment after its answer.
      const log = await until(async () => {
        const text = await readFile(join(folder, 'cratersync.log'), 'utf8');
        return text.includes(id) && text;
      });
      expect(log).to.not.contain('secret').and.not.contain('healthz');
    });

    it('upgrades to WebSockets for browsers, and leaves media nodes out', async () => {
      const api = await ApiClient.signedIn(`http://localhost:${ports.signaling}`, 'rita@example.org', 'Rita');
      const { sessionId } = rest.sessionSummary.parse(
        await api.call('POST', '/sessions', { title: 'Moon talk' }),
      );
      const { credential } = await api.hostSeat(sessionId);
      const socket = io(`${origin}/room`, {
        transports: ['websocket'],
        auth: { credential },
        rejectUnauthorized: false,
        extraHeaders: { origin },
      });
      await heard(socket, 'connect');
      expect(socket.io.engine.transport.name).to.equal('websocket');
      socket.disconnect();
      expect(
        await curl('-o', '/dev/null', '-w', '%{http_code}', `${origin}/nodes.io/?EIO=4&transport=polling`),
      ).to.equal('404');
      expect(scene.stack.url).to.equal(origin);
    });
  });

  describe('coturn', () => {
    const SFU = '127.0.0.2';
    let relay: TurnServer;
    /** Sends back what it is sent. */
    let echoes: Socket[];
    before(async () => {
      relay = await TurnServer.start(SFU);
      echoes = await Promise.all([SFU, '127.0.0.1'].map(echo));
    });
    after(async () => {
      for (const socket of echoes) socket.close();
      await relay?.close();
    });

    async function echo(ip: string): Promise<Socket> {
      const socket = createSocket('udp4').bind(0, ip);
      await once(socket, 'listening');
      socket.on('message', (message, { port, address }) => socket.send(message, port, address));
      return socket;
    }
    const placeOf = (socket: Socket | undefined) => {
      const { address: ip = '', port = 0 } = socket?.address() ?? {};
      return { ip, port };
    };
    const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

    it('relays to the SFU for whom signaling sends, and nowhere else', async () => {
      const [server] = iceServersOf({ urls: ['turn:localhost'], secret: relay.secret }, systemClock)();
      if (server === undefined) throw new Error('there is no relay');
      const [sfu, other] = echoes.map(placeOf);
      if (sfu === undefined || other === undefined) throw new Error('nobody answers');
      expect(await relay.relay(server, sfu)).to.equal('');
      for (const ip of [other.ip, '10.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1', '9.9.9.9'])
        expect(await relay.relay(server, { ip, port: other.port }), ip).to.contain('403 (Forbidden IP)');
    });

    it('refuses a credential that is made up, or has expired', async () => {
      const sfu = placeOf(echoes[0]);
      const good = turnCredential(relay.secret, inSeconds(60), 'somebody');
      expect(await relay.relay(good, sfu)).to.equal('');
      const refused = {
        'made up': turnCredential('another secret that is not the relay’s', inSeconds(60), 'somebody'),
        longer: { ...good, username: turnCredential(relay.secret, inSeconds(3600), 'somebody').username },
        expired: turnCredential(relay.secret, inSeconds(-1), 'somebody'),
      };
      for (const [why, credential] of Object.entries(refused))
        expect(await relay.relay(credential, sfu), why).to.contain('Cannot complete Allocation');
    });
  });
});
