import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { rest, roomCommands } from '@cratersync/signaling/protocol';
import { Browser, type MailServer, operations, startMailServer } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import type { Socket } from 'socket.io-client';
import { heard, say, sitDown } from '../support/api.ts';
import { Canaries } from './spy.ts';

/** Everything that a person says is put into it, and looked for in all that its processes write. */
describe('names, addresses, secrets and what is said', function () {
  this.timeout(240_000);
  const canaries = new Canaries();
  let folder: string;
  let mail: MailServer;
  let stack: Stack;
  let host: Browser;
  let sessionId: string;
  const lines: string[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-canary-'));
    // What the embedded inbox writes is meant to be read: nobody who cares for secrets uses it.
    mail = await startMailServer();
    const env = {
      ...process.env,
      DATA_DIR: folder,
      PORT: '0',
      LOG_LEVEL: 'debug',
      LOG_DIR: join(folder, 'logs'),
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(mail.port),
      API_REQUESTS_PER_MINUTE: '10000',
      TURN_URLS: 'turn:relay.example.org',
      TURN_SECRET: canaries.token(),
    };
    stack = await startStack({ env, onLine: (name, line) => void lines.push(`${name}: ${line}`) });
    host = new Browser(stack.url);
    await host.post('/api/v1/sign-in/codes', { email: canaries.mail('host') });
    await host.post('/api/v1/sign-in', { email: canaries.mail('host'), code: mail.newestCode() });
    const named = { displayName: canaries.word('host'), organizationName: canaries.word('organization') };
    expect((await host.patch('/api/v1/me', named)).status).to.equal(200);
    const made = await host.post('/api/v1/sessions', { title: canaries.word('title') });
    ({ sessionId } = rest.sessionSummary.parse(made.body));
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await stack?.stop();
    await mail?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function sit(seat: rest.Seat): Promise<Socket> {
    const socket = sitDown(stack.url, seat);
    sockets.push(socket);
    await heard(socket, 'connect');
    return socket;
  }

  async function seats(): Promise<{ hosting: rest.Seat; guest: rest.Seat; token: string }> {
    const { body } = await host.post(`/api/v1/sessions/${sessionId}/invitations`, {});
    const token = rest.createdInvitation.parse(body).url.split('#')[1] ?? '';
    const joined = await host.post('/api/v1/join', { token, displayName: canaries.word('guest') });
    const hosting = await host.post(`/api/v1/sessions/${sessionId}/host-seat`, {});
    return { hosting: rest.seat.parse(hosting.body), guest: rest.seat.parse(joined.body), token };
  }

  /** Resolves when a process says that. */
  const lineWith = (words: string) =>
    new Promise<void>(resolve => {
      stack.onLog((_, line) => {
        if (line.includes(words)) resolve();
      });
    });

  /** Everything that the processes have said and counted. */
  async function everything(): Promise<string[]> {
    const metrics = await Promise.all(
      Object.values(stack.metricsUrls).flatMap(url =>
        ['/metrics', '/status'].map(async path => (await fetch(url + path)).text()),
      ),
    );
    const files = await readdir(join(folder, 'logs'));
    const written = await Promise.all(files.map(name => readFile(join(folder, 'logs', name), 'utf8')));
    return [...lines, ...[...metrics, ...written].flatMap(text => text.split('\n'))];
  }

  it('are in no line when they are put into every route', async () => {
    const body = canaries.body();
    for (const route of Object.keys(operations)) {
      const [method = '', pattern = ''] = route.split(' ');
      const word = encodeURIComponent(canaries.word('path'));
      const path = `/api/v1${pattern.replace(/:sessionId/, sessionId).replace(/:\w+/g, word)}`;
      const query = `?cursor=${word}&signature=${canaries.token()}&${word}=${word}`;
      for (const asker of ['member', 'token', 'nobody'] as const) {
        // Whoever signs out hears nothing of the rest.
        if (asker === 'member' && /sign-out|transfer/.test(route)) continue;
        const headers: Record<string, string> = {
          'x-request-id': canaries.word('request'),
          'user-agent': canaries.word('agent'),
          ...(asker === 'member' && { cookie: [...host.cookies].map(pair => pair.join('=')).join('; ') }),
          ...(asker === 'token' && { authorization: `Bearer ${canaries.token()}` }),
          ...(method !== 'GET' && { 'content-type': 'application/json', origin: stack.url }),
        };
        const sent = method === 'GET' ? {} : { body: JSON.stringify(body) };
        const answer = await fetch(stack.url + path + query, { method, headers, ...sent });
        await answer.body?.cancel();
        expect(answer.status, `${route} as ${asker}`).to.be.below(500);
      }
    }
    const outside = [
      `/${canaries.word('page')}`,
      `/assets/${canaries.word('asset')}.js`,
      `/join#${canaries.token()}`,
    ];
    for (const path of [...outside, `/api/v1/${canaries.word('no-route')}`]) await fetch(stack.url + path);
    expect(canaries.heardIn(await everything())).to.deep.equal([]);
    expect(lines.filter(line => line.includes('"msg":"request"')).length).to.be.above(
      Object.keys(operations).length,
    );
  });

  it('are in no line when they are said in every command, with a recording made', async () => {
    const { hosting, guest, token } = await seats();
    const [rita, ben] = [await sit(hosting), await sit(guest)];
    for (const socket of [rita, ben]) await say(socket, 'join', { resume: [] });
    expect(await say(rita, 'recording.start', {})).to.have.property('ok');
    const marked = (await say(ben, 'marker.add', { name: canaries.word('marker') })) as {
      ok?: { markerId: string };
    };
    const markerId = marked.ok?.markerId ?? expect.fail(JSON.stringify(marked));
    const good: [Socket, string, unknown][] = [
      [ben, 'chat.send', { text: canaries.word('chat') }],
      [rita, 'marker.rename', { markerId, name: canaries.word('renamed') }],
      [ben, 'hand.raise', {}],
      [rita, 'session.configure', { locked: true }],
    ];
    for (const [socket, command, body] of good)
      expect(await say(socket, command, body), command).to.have.property('ok');
    const body = canaries.body();
    const ending = ['leave', 'session.end'];
    for (const command of [...Object.keys(roomCommands), canaries.word('command')]) {
      if (!ending.includes(command)) await Promise.all([rita, ben].map(socket => say(socket, command, body)));
    }
    await say(rita, 'recording.stop', {});
    for (const command of ending) await say(rita, command, {});
    const refused = sitDown(stack.url, { credential: canaries.token() });
    sockets.push(refused);
    await heard(refused, 'connect_error');
    expect(canaries.heardIn(await everything())).to.deep.equal([]);
    const secrets = [token, String(hosting.credential), String(guest.credential), mail.newestCode()];
    const text = (await everything()).join('\n');
    for (const secret of secrets) expect(text).to.not.contain(secret);
    const commands = lines.filter(line => line.includes('"msg":"command"'));
    for (const command of Object.keys(roomCommands))
      expect(
        commands.some(line => line.includes(`"command":"${command}"`)),
        command,
      ).to.equal(true);
  });

  it('are in no line when the mail server or the database refuses them', async () => {
    const { port } = mail;
    const elsewhere = new Browser(stack.url);
    await elsewhere.post('/api/v1/sign-in/codes', { email: canaries.mail('host') });
    const code = mail.newestCode();
    await mail.close();
    mail = await startMailServer(port, { refuse: `<${canaries.mail('unknown')}> is nobody` });
    const refusal = lineWith('refuses a letter');
    // Of which the worker writes a notice.
    await elsewhere.post('/api/v1/sign-in', { email: canaries.mail('host'), code });
    await refusal;
    const stranger = new Browser(stack.url);
    const asked = await stranger.post('/api/v1/sign-in/codes', { email: canaries.mail('stranger') });
    expect(asked.status).to.be.oneOf([202, 503]);
    await stack.restart('postgres');
    await host.get('/api/v1/me');
    const told = lines.filter(line => line.includes('responseCode'));
    expect(told, 'the refusal is told').to.not.deep.equal([]);
    expect(canaries.heardIn(await everything())).to.deep.equal([]);
  });
});
