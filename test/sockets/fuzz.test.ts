import { expect } from 'chai';
import { say } from '../support/api.ts';
import { Inspector } from '../support/inspector.ts';
import { seededRandom } from '../support/random.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { hostile } from './fuzz.ts';
import { type Person, Stage } from './stage.ts';

/** `make soak` sends 100 000. SEED replays a run. */
const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 10_000);
const seed = Number(process.env['SEED'] ?? process.env['FIRST_SEED'] ?? 1);
/** So many are on their way before the answers to them are waited for. */
const BATCH = 100;
/** Where the heap is looked at first: by then everything has been used that is kept for good. */
const WARM = 0.3;
/** What it may have grown by from then on: buffers and caches, but nothing that is kept for each message. */
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;

describe(`a room’s socket under ${MESSAGES} hostile messages (seed ${seed})`, function () {
  this.timeout(15 * 60_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open(['--inspect=127.0.0.1:0']);
  });
  after(() => stage?.close());

  /** Sends on over whichever connection there is: what it says may well have broken the one before. */
  class Attacker {
    readonly #credential: string;
    readonly #heard: (frame: string) => void;
    #socket: RawSocket | null = null;
    broken = 0;

    constructor(credential: string, heard: (frame: string) => void) {
      this.#credential = credential;
      this.#heard = heard;
    }

    async send(frames: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<void> {
      const socket = await this.#connected();
      for (const frame of frames) socket?.send(frame);
    }

    /** Resolves when everything before was read. */
    async settled(): Promise<void> {
      const socket = this.#socket;
      // The last that is sent is the last that is answered at once: a command that does not exist.
      if (socket !== null && !socket.isClosed) await socket.ask(999_999, 'are.you.there', {});
    }

    async #connected(): Promise<RawSocket | null> {
      if (this.#socket !== null && !this.#socket.isClosed) return this.#socket;
      this.broken += 1;
      this.#socket = await RawSocket.inSeat(stage.server.url, this.#credential);
      if (this.#socket === null) return null;
      this.#socket.onFrame = this.#heard;
      await this.#socket.ask(999_998, 'join', { resume: [] });
      return this.#socket;
    }

    async canStillJoin(): Promise<boolean> {
      const answer = await (await this.#connected())?.ask(999_997, 'join', { resume: [] });
      return typeof answer === 'object' && answer !== null && 'ok' in answer;
    }

    close(): void {
      this.#socket?.close();
    }
  }

  async function neighbours(): Promise<{ people: Person[]; secrets: string[]; sessionId: string }> {
    const eve = await stage.server.host('eve@example.org', 'Evelyn Quietly');
    const session = await stage.session(eve, 'A very private talk');
    const host = await session.hostComes();
    const guest = await session.come('guest', 'Norbert Neighbour');
    const made = (await say(guest.socket, 'transport.create', { direction: 'send' })) as {
      ok: { transportId: string };
    };
    const mic = { transportId: made.ok.transportId, source: 'mic', paused: false, rtpParameters: {} };
    const opened = (await say(guest.socket, 'producer.open', mic)) as { ok: { producerId: string } };
    return {
      people: [host, guest],
      sessionId: session.sessionId,
      secrets: [
        'Evelyn Quietly',
        'Norbert Neighbour',
        'A very private talk',
        session.sessionId,
        ...[host, guest].map(({ participantId }) => participantId),
        made.ok.transportId,
        opened.ok.producerId,
      ],
    };
  }

  it('neither falls, nor tells of other sessions, nor fills its memory', async () => {
    const random = seededRandom(seed);
    const others = await neighbours();
    const heardBefore = others.people.map(({ heard }) => heard.length);
    const session = await stage.session();
    await session.hostComes();
    const members = [];
    for (const role of ['guest', 'co-host', 'producer'] as const)
      members.push(await session.come(role, role));
    await session.configure({ lobby: true });
    const waiting = await session.come('guest', 'somebody who waits');
    const attackers: Attacker[] = [];
    const own = [...members, waiting].map(({ participantId }) => participantId);
    const known = { own, foreign: others.secrets.slice(3) };
    let leaked: string | null = null;
    // An answer may repeat what was asked, but not what nobody asked: their names.
    const names = others.secrets.slice(0, 3);
    const heard = (frame: string) => {
      if (names.some(name => frame.includes(name))) leaked ??= frame;
    };
    for (const { credential, socket } of [...members, waiting]) {
      socket.disconnect();
      attackers.push(new Attacker(credential, heard));
    }
    const inspector = await Inspector.attach(stage.server.said);

    let warmBytes = 0;
    for (let sent = 0; sent < MESSAGES; sent += 1) {
      const attacker = attackers[Math.floor(random() * attackers.length)];
      await attacker?.send(hostile(random, known));
      if (sent % BATCH === BATCH - 1) await Promise.all(attackers.map(each => each.settled()));
      if (sent === Math.floor(MESSAGES * WARM)) warmBytes = await inspector.heapUsedBytes();
      if (stage.server.hasEnded) throw new Error(`it fell after ${sent} messages:\n${stage.server.said}`);
    }
    await Promise.all(attackers.map(each => each.settled()));
    const grownBytes = (await inspector.heapUsedBytes()) - warmBytes;
    inspector.close();

    expect(stage.server.hasEnded).to.equal(false);
    // Whatever they sent is their fault, and is answered as such: nothing of it is for us to look into.
    expect(stage.server.said).not.to.include('a command failed');
    expect(leaked).to.equal(null);
    for (const [index, { heard: events }] of others.people.entries())
      expect(events.slice(heardBefore[index])).to.deep.equal([]);
    for (const { socket } of others.people)
      expect(await say(socket, 'transport.create', { direction: 'receive' })).to.have.property('ok');
    for (const attacker of attackers) expect(await attacker.canStillJoin()).to.equal(true);
    expect(grownBytes).to.be.below(MAX_GROWTH_BYTES);
    const connections = attackers.reduce((sum, { broken }) => sum + broken, 0);
    console.log(
      `      heap ${(warmBytes / 2 ** 20).toFixed(1)} MiB, grown by ${(grownBytes / 2 ** 20).toFixed(1)} MiB; ${connections} connections`,
    );
    for (const attacker of attackers) attacker.close();
  });
});
