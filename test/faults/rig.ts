import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLog } from '@cratersync/infra/runtime';
import type { Keys } from '@cratersync/recorder/keys';
import { type Report, TICK_MS } from '@cratersync/recorder/node';
import type { RecordingReader } from '@cratersync/recorder/reader';
import type { ObjectStore } from '@cratersync/recorder/store';
import {
  AppError,
  kindOf,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type SessionId,
  type Source,
} from '@cratersync/signaling/protocol';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryKeys } from '../support/memory-keys.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { checkStems } from '../support/stems.ts';
import { type Clip, theClip } from '../support/voice.ts';
import { checkRecording } from './check.ts';
import { beginLife, type Life, type LifeOptions } from './life.ts';
import { Person, Streams } from './person.ts';
import type { Random } from './seeds.ts';
import { COMMITTED_US } from './truth.ts';

const log = createLog('test', process.env['LOG_LEVEL'] === 'debug' ? 'debug' : 'silent');
const STEP_MS = 10;
/** Where nobody sends, the recorder leaves a sign of life this often. */
const SIGN_OF_LIFE_US = 1_450_000;

export interface Session {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  /** The clock at session time zero. */
  zeroUs: number;
  people: Person[];
}

export interface RigOptions {
  /** In place of the ones in memory. */
  store?: ObjectStore;
  keys?: Keys;
  journal?: NonNullable<LifeOptions['journal']>;
  /** A recorder on another machine, with the same time, store and keys. */
  beside?: Rig;
}

/**
 * A recorder whose clock, disk, store, keys and signaling a test holds in its hands; packets come over real UDP.
 * It can be killed at any instant, and goes on with what the disk has kept.
 */
export class Rig extends EventEmitter {
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly keys: MemoryKeys;
  readonly sessions: Session[] = [];
  readonly reports: { name: string; body: { recordingId?: string; message?: string } }[] = [];
  /** Chunks that the store has acknowledged. */
  stored = 0;
  /** What signaling answers; throwing is a refusal. */
  answer: (name: string) => void = () => {};
  readonly #root: string;
  readonly #options: RigOptions;
  readonly #streams: Streams;
  #lives = 0;
  #life: Life | null = null;
  #ticked = 0;

  private constructor(root: string, clip: Clip, options: RigOptions) {
    super();
    this.#root = root;
    this.#streams = new Streams(clip);
    this.#options = options;
    const { clock, store, keys } = options.beside ?? {
      clock: new ManualClock(),
      store: new MemoryStore(),
      keys: new MemoryKeys(),
    };
    this.clock = clock;
    this.store = store;
    this.keys = keys;
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    // A disk in memory where there is one: what is tested is what is synced, not how fast.
    const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const rig = new Rig(await mkdtemp(join(parent, 'cratersync-faults-')), await theClip(), options);
    await rig.launch();
    return rig;
  }

  get directory(): string {
    return join(this.#root, `life-${this.#lives}`);
  }

  get life(): Life {
    if (this.#life === null) throw new Error('the recorder is down');
    return this.#life;
  }

  get running(): boolean {
    return this.#life !== null && !this.#life.disk.dead;
  }

  /** Starts the recorder on what is there, and opens again what was open, as signaling does. */
  async launch(): Promise<void> {
    const { clock, directory } = this;
    const { store = this.store, keys = this.keys, journal, beside } = this.#options;
    this.#life = await beginLife({
      ...{ clock, directory, store, keys, journal, log },
      nodeId: beside === undefined ? 'recorder-1' : 'recorder-2',
      onStored: () => {
        this.stored += 1;
      },
    });
    const { node } = this.#life;
    await node.recover();
    node.online(this.#report);
  }

  /** Opens all tracks again that a restart has cut off. */
  async reopen(): Promise<void> {
    const { recordings } = this.life.node.announcement();
    for (const session of this.sessions) {
      const announced = recordings.find(({ recordingId }) => recordingId === session.recordingId);
      if (announced === undefined || announced.closing) continue;
      for (const person of session.people) if (!person.gone) await this.#connect(session, person);
    }
  }

  /** Dies between two operations, or in the middle of one. */
  async crash(random: Random): Promise<void> {
    const { disk, node } = this.life;
    await disk.die();
    node.abandon();
    const from = this.directory;
    this.#lives += 1;
    await disk.salvage(from, this.directory, random);
    this.#life = null;
    for (const session of this.sessions) {
      this.#noteOutage(session);
      // The sockets of a dead process are gone. It answers nothing any more.
      const { recordingId } = session;
      for (const { trackId } of session.people)
        Promise.resolve(node.handlers['track.close']({ recordingId, trackId, cause: 'stopped' })).catch(
          () => {},
        );
    }
  }

  async open(): Promise<Session> {
    const ids = {
      organizationId: randomUUID() as OrganizationId,
      sessionId: randomUUID() as SessionId,
      recordingId: randomUUID() as RecordingId,
    };
    await this.life.node.handlers['recording.open'](ids);
    const session = { ...ids, zeroUs: this.clock.nowUs(), people: [] };
    this.sessions.push(session);
    return session;
  }

  /** Goes on with what another recorder has, which may not know of it. */
  async takeOver(session: Session): Promise<Session> {
    const { organizationId, sessionId, recordingId, zeroUs } = session;
    const ids = { organizationId, sessionId, recordingId };
    const elapsedMs = this.at(session) / 1000;
    const from = { startedAtMs: this.clock.wallMs() - elapsedMs, elapsedMs, after: 1 };
    await this.life.node.handlers['recording.take-over']({ ...ids, ...from });
    const taken = { ...ids, zeroUs, people: [] };
    this.sessions.push(taken);
    return taken;
  }

  /** A host whose recording is refused, because the store fails just then, tries again. */
  async openAtLast(): Promise<Session> {
    for (;;) {
      try {
        return await this.open();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'recording_refused') throw error;
      }
    }
  }

  async join(
    session: Session,
    source: Source,
    participantId = randomUUID() as ParticipantId,
  ): Promise<Person> {
    const person = new Person(participantId, source, await this.#streams.open(source), this.clock.nowUs());
    session.people.push(person);
    await this.#connect(session, person);
    return person;
  }

  /** The SFU makes the person's tap anew. */
  async remakeTap(session: Session, person: Person): Promise<void> {
    person.hasNow(await this.#streams.open(person.source));
    await this.#connect(session, person);
  }

  async mute(session: Session, { trackId, truth }: Person, muted: boolean): Promise<void> {
    const { recordingId } = session;
    await this.life.node.handlers['track.hold']({ recordingId, trackId, held: muted ? 'muted' : 'open' });
    truth.became(muted ? 'muted' : 'sending', this.at(session));
  }

  async leave(session: Session, person: Person): Promise<void> {
    const { recordingId } = session;
    const { trackId, truth } = person;
    person.gone = true;
    await this.#answered(this.life.node.handlers['track.close']({ recordingId, trackId, cause: 'left' }));
    truth.became(this.running ? 'left' : 'leaving', this.at(session));
  }

  at({ zeroUs }: Session): number {
    return this.clock.nowUs() - zeroUs;
  }

  /** Time passes; who is not muted sends. Ends early when the disk dies. @param beside recorders of the same time */
  async pass(ms: number, ...beside: Rig[]): Promise<void> {
    const rigs = [this, ...beside];
    for (let passed = 0; passed < ms && this.running; passed += STEP_MS) {
      for (const rig of rigs) await rig.#sendAll();
      await this.turn();
      this.clock.advance(STEP_MS);
      for (const rig of rigs) if (rig.running) await rig.#tick();
    }
  }

  /** Time passes, about as fast as it really does, until something has happened that takes real time. */
  async until(happened: () => boolean): Promise<void> {
    while (!happened()) await Promise.all([this.pass(TICK_MS), delay(TICK_MS)]);
  }

  /** What has reached a port is read in the next turn of the event loop. */
  async turn(): Promise<void> {
    for (let i = 0; i < 3; i += 1) await new Promise(resolve => setImmediate(resolve));
  }

  /** Stops the recording and waits until signaling has heard that it is finalized. */
  async finish(session: Session): Promise<void> {
    await this.life.node.handlers['recording.close']({ recordingId: session.recordingId });
    await this.heard('recording.finalized', session);
  }

  async heard(name: string, { recordingId }: Session): Promise<{ message?: string }> {
    for (;;) {
      const found = this.reports.find(
        report => report.name === name && report.body.recordingId === recordingId,
      );
      if (found !== undefined) return found.body;
      await once(this, 'report');
    }
  }

  /**
   * Checks all that the session left behind.
   * @param stems rendering them takes its time
   * @param earlier the same session as the recorder had it that was there before
   */
  async check(
    session: Session,
    { stems = true, earlier }: { stems?: boolean; earlier?: Session } = {},
  ): Promise<RecordingReader> {
    const { store = this.store, keys = this.keys, beside } = this.#options;
    const people = [...(earlier?.people ?? []), ...session.people];
    const truths = new Map(people.map(({ trackId, truth }) => [trackId, truth]));
    const directories = beside === undefined ? [this.#root] : [this.#root, beside.#root];
    const reader = await checkRecording({ store, keys, context: session, truths, directories });
    if (stems) await checkStems(reader);
    return reader;
  }

  /** After the last recording, the journal holds nothing. */
  async leftovers(): Promise<string[]> {
    await this.life.journal.durable();
    await this.life.journal.durable();
    const { recordings } = this.life.journal.catalogue;
    return [...recordings.keys(), ...(await readdir(join(this.directory, 'frames'))).slice(1)];
  }

  async end(): Promise<void> {
    if (this.#life !== null && !this.#life.disk.dead) {
      this.life.disk.before = () => {};
      await this.life.node.shutDown();
      await this.life.journal.close();
    }
    this.#streams.close();
    await rm(this.#root, { recursive: true });
  }

  async #connect({ recordingId, ...session }: Session, person: Person): Promise<void> {
    const { trackId, participantId, source } = person;
    const { handlers } = this.life.node;
    const kind = kindOf(source);
    const asked = handlers['track.open']({ recordingId, trackId, participantId, source, kind });
    const port = await this.#answered(asked);
    if (port === null) {
      if (!person.opened) person.truth.became('joining', 0);
      return;
    }
    person.opened = true;
    person.tap.sendTo(port.port, port.ip);
    const paused = person.truth.state === 'muted';
    const held = paused ? 'muted' : 'open';
    await handlers['track.start']({ recordingId, trackId, ...person.tap.describe(), held });
    person.dueUs = this.clock.nowUs();
    if (paused) person.truth.became('muted', this.clock.nowUs() - session.zeroUs);
  }

  /** What a dead recorder says is not heard. */
  async #answered<T>(asked: Promise<T> | T): Promise<T | null> {
    const answer = await Promise.race([asked, this.life.disk.death.then(() => null)]);
    return this.running ? answer : null;
  }

  async #sendAll(): Promise<void> {
    for (const session of this.sessions)
      for (const person of session.people) await person.send(this.clock.nowUs(), this.at(session));
  }

  async #tick(): Promise<void> {
    this.#ticked += STEP_MS;
    if (this.#ticked < TICK_MS) return;
    this.#ticked = 0;
    const { node, journal, disk } = this.life;
    node.tick();
    // The disk takes no time of this clock.
    await Promise.race([journal.commit().catch(() => {}), disk.death]);
  }

  #noteOutage(session: Session): void {
    const atUs = this.at(session);
    const heard = session.people.some(({ truth }) => truth.sendingSince(atUs - 2 * COMMITTED_US));
    for (const { truth, opened } of session.people)
      if (opened) truth.outage(atUs, heard ? COMMITTED_US : SIGN_OF_LIFE_US);
  }

  readonly #report: Report = async (name, body) => {
    this.reports.push({ name, body: body as { recordingId?: string; message?: string } });
    setImmediate(() => this.emit('report'));
    this.answer(name);
    return null;
  };
}
