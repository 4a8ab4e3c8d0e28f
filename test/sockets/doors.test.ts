import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NODES_NAMESPACE, NODES_PATH, ROOM_NAMESPACE } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { heard, say } from '../support/api.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { type Person, Stage } from './stage.ts';

describe('the doors of the socket servers', function () {
  this.timeout(60_000);
  let stage: Stage;
  let credential: string;
  const opened: Socket[] = [];
  before(async () => {
    stage = await Stage.open();
    const session = await stage.session();
    ({ credential } = await session.come('guest', 'Ada'));
  });
  after(async () => {
    for (const socket of opened) socket.disconnect();
    await stage?.close();
  });

  /** @returns what became of it: `connected`, or the words in which it was refused */
  async function tries(options: object, namespace = ROOM_NAMESPACE): Promise<string> {
    const socket = io(stage.server.url + namespace, { forceNew: true, reconnection: false, ...options });
    opened.push(socket);
    const connected = heard(socket, 'connect').then(() => 'connected');
    return Promise.race([connected, heard(socket, 'connect_error').then(error => (error as Error).message)]);
  }

  for (const transport of ['polling', 'websocket']) {
    it(`are shut to pages of other sites, by ${transport}`, async () => {
      const asFrom = (origin: string | undefined) =>
        tries({
          transports: [transport],
          auth: { credential },
          extraHeaders: origin === undefined ? {} : { origin },
        });
      expect(await asFrom(stage.server.url)).to.equal('connected');
      // Programs have no origin, and no cookie or page that could be abused.
      expect(await asFrom(undefined)).to.equal('connected');
      const { port } = new URL(stage.server.url);
      const others = [
        'https://evil.example',
        'null',
        `http://127.0.0.1.evil.example:${port}`,
        `https://127.0.0.1:${port}`,
      ];
      for (const origin of others) expect(await asFrom(origin), origin).not.to.equal('connected');
    });
  }

  it('let no message in that is larger than 64 KiB, by either transport', async () => {
    const limit = 64 * 1024;
    const fits = await RawSocket.inSeat(stage.server.url, credential);
    const answer = await fits?.ask(1, 'join', { resume: ['x'.repeat(limit - 200)] });
    expect(answer).to.have.nested.property('error.code', 'bad_request');
    const tooLarge = await RawSocket.inSeat(stage.server.url, credential);
    expect(await tooLarge?.ask(1, 'join', { resume: ['x'.repeat(limit)] })).to.equal(null);

    const polling = `${stage.server.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
    const post = (body: string) =>
      fetch(`${polling}&sid=${sid}`, { method: 'POST', body }).then(
        ({ status }) => status,
        () => 0,
      );
    expect(await post(`42["${'x'.repeat(limit)}"]`)).to.be.oneOf([0, 400, 413]);
  });

  it('have parsers without the faults that are known', async () => {
    const require = createRequire(import.meta.url);
    const server = createRequire(require.resolve('socket.io-client'));
    const versionOf = (name: string) => {
      const path = server.resolve(name).replace(new RegExp(`(node_modules/${name}/).*`), '$1package.json');
      return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version.split('.').map(Number);
    };
    // GHSA-cqmj-92xf-r6r9 (an event's name that is an object), GHSA-677m-j7p3-52f9 (attachments without end).
    const [major = 0, minor = 0, patch = 0] = versionOf('socket.io-parser');
    expect(major * 10_000 + minor * 100 + patch).to.be.at.least(40_206);
    const hostile = [
      `42${ROOM_NAMESPACE},1[{"toString":"x"},{}]`,
      `42${ROOM_NAMESPACE},1{"length":1}`,
      `451000000000-${ROOM_NAMESPACE},1["join",{"_placeholder":true,"num":0}]`,
      `451-${ROOM_NAMESPACE},1["join",{"_placeholder":true,"num":"splice"}]`,
    ];
    for (const frame of hostile) {
      const socket = await RawSocket.inSeat(stage.server.url, credential);
      socket?.send(frame);
      socket?.send(new Uint8Array(8));
      await socket?.closed;
      expect(stage.server.hasEnded, frame).to.equal(false);
    }
  });

  it('know a node by its secret alone, and nobody else gets to say what nodes say', async () => {
    const dialIn = (auth: object) =>
      tries({ path: NODES_PATH, transports: ['websocket'], auth }, NODES_NAMESPACE);
    const good = { kind: 'sfu', nodeId: 'another', secret: stage.server.secret };
    for (const auth of [
      {},
      { ...good, secret: undefined },
      { ...good, secret: '' },
      { ...good, secret: `${good.secret} ` },
      { ...good, secret: good.secret.toUpperCase() },
      { ...good, secret: [good.secret] },
      { ...good, secret: { length: good.secret.length } },
      { ...good, kind: 'host' },
      { ...good, nodeId: '' },
      { credential },
    ])
      expect(await dialIn(auth), JSON.stringify(auth)).to.include('NODE_SECRET');
    // What the secret was before it was rotated is taken, too.
    expect(await dialIn({ ...good, secret: stage.server.previousSecret })).to.equal('connected');
    // Browsers' own engine has no such namespace, whatever is known.
    expect(await tries({ transports: ['websocket'], auth: good }, NODES_NAMESPACE)).to.equal(
      'Invalid namespace',
    );
    const session = await stage.session();
    const guest: Person = await session.come('guest', 'Eve');
    for (const report of ['announce', 'rooms.lost', 'recording.finalized', 'transport.changed'])
      expect(await say(guest.socket, report, {})).to.have.nested.property('error.code', 'unknown_command');
    expect(stage.server.said).not.to.include(stage.server.secret);
  });
});
