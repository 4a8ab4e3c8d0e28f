import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { readConfig } from '@cratersync/infra/runtime';
import type { recorderReports } from '@cratersync/recorder/control';
import { keysShape, openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import {
  kindOf,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type Request,
  type SessionId,
  type Source,
  type TrackId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { FakeTap } from './fake-sfu.ts';
import { FakeSignaling } from './fake-signaling.ts';
import { vp8Source } from './rtp.ts';
import { theClip, voice } from './voice.ts';

/** An SFU tells once a second how its clock and a stream's stand. */
const PACKETS_A_REPORT = 50;
/** Of the SFU's clock, when that of the test shows zero; µs since 1900. */
const SFU_ZERO_US = 3_960_000_000_000_000;

export interface Sending {
  trackId: TrackId;
  participantId: ParticipantId;
  source: Source;
  tap: FakeTap;
  rtp: { intervalUs: number; next(atUs: number): Buffer[]; timestampAt?(capturedUs: number): number };
  /** When it was sent, and when it was due, by the test's own clock. */
  sent: { packet: Buffer; atMs: number; dueUs: number }[];
}

type Announcement = Request<typeof recorderReports, 'announce'>;

export interface Room {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  sendings: Sending[];
}

interface RecorderOptions {
  /** In which its DATA_DIR is made. */
  parent?: string;
  /** Gets the DATA_DIR before the process starts. */
  prepare?: (directory: string) => Promise<void>;
  /** More of its environment, such as where its keys are. */
  env?: Record<string, string>;
}

/** A real recorder process, with what it talks to. Time is real. */
export class RealRecorder {
  readonly signaling = new FakeSignaling();
  readonly directory: string;
  readonly #taps: FakeTap[] = [];
  readonly #env: Record<string, string>;
  #process: ChildProcess | null = null;

  private constructor(directory: string, env: Record<string, string>) {
    this.directory = directory;
    this.#env = env;
  }

  static async start({ parent = tmpdir(), prepare, env = {} }: RecorderOptions = {}): Promise<RealRecorder> {
    const directory = await mkdtemp(join(parent, 'cratersync-recorder-'));
    const recorder = new RealRecorder(directory, env);
    await prepare?.(recorder.directory);
    await recorder.signaling.start();
    await recorder.launch();
    return recorder;
  }

  /** @returns what it announces */
  async launch(): Promise<Announcement> {
    this.#process = fork(join(import.meta.dirname, '../../recorder/main.ts'), {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: this.directory,
        SIGNALING_URL: this.signaling.url,
        NODE_SECRET: 'x'.repeat(32),
        RECORDER_MIN_FREE_BYTES: '0',
        RECORDER_PLANNED_HOURS: '0',
        LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
        ...this.#env,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [message] = await once(this.#process, 'message');
    expect(message).to.deep.equal({ ready: true });
    return this.signaling.report('announce');
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** @returns its exit code */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }

  async open(...sources: Source[]): Promise<Room> {
    const ids = {
      organizationId: randomUUID() as OrganizationId,
      sessionId: randomUUID() as SessionId,
      recordingId: randomUUID() as RecordingId,
    };
    await this.signaling.ask('recording.open', ids);
    const room: Room = { ...ids, sendings: [] };
    for (const source of sources) {
      const track = {
        trackId: randomUUID() as TrackId,
        participantId: randomUUID() as ParticipantId,
        source,
      };
      const sending = { ...track, ...(await this.#newTap(source)), sent: [] };
      room.sendings.push(sending);
      await this.connect(room, sending);
    }
    return room;
  }

  /** Opens a track, or opens it again with the same tap after a restart. */
  async connect({ recordingId }: Room, { trackId, participantId, source, tap }: Sending): Promise<void> {
    const kind = kindOf(source);
    const port = await this.signaling.ask('track.open', {
      recordingId,
      trackId,
      participantId,
      source,
      kind,
    });
    tap.sendTo(port.port, port.ip);
    await this.signaling.ask('track.start', { recordingId, trackId, ...tap.describe(), held: 'open' });
  }

  /** Real time passes while all of them send. */
  async send(ms: number, ...rooms: Room[]): Promise<void> {
    const sendings = rooms.flatMap(room => room.sendings);
    const startedMs = performance.now();
    const dueUs = sendings.map(() => startedMs * 1000);
    for await (const _ of setInterval(5)) {
      const nowMs = performance.now();
      for (const [i, { tap, rtp, sent }] of sendings.entries())
        for (let due = dueUs[i] ?? 0; due <= nowMs * 1000; due += rtp.intervalUs) {
          dueUs[i] = due + rtp.intervalUs;
          for (const packet of rtp.next(due)) {
            sent.push({ packet, atMs: performance.now(), dueUs: due });
            await tap.sendPacket(packet);
          }
          if (rtp.timestampAt === undefined || sent.length % PACKETS_A_REPORT !== 1) continue;
          await tap.sendReport(SFU_ZERO_US + due, rtp.timestampAt(due));
        }
      if (nowMs - startedMs >= ms) return;
    }
  }

  /** The store and keys that it writes to. */
  async openData() {
    const config = { DATA_DIR: this.directory };
    const keys = await openKeys(readConfig(keysShape, { ...config, ...this.#env }));
    return { store: await openStore(config), keys };
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await this.signaling.stop();
    for (const tap of this.#taps) tap.close();
    await rm(this.directory, { recursive: true });
  }

  async #newTap(source: Source) {
    const tap = await FakeTap.open(5000 + this.#taps.length, source === 'mic' ? 'audio/opus' : 'video/VP8');
    this.#taps.push(tap);
    return { tap, rtp: source === 'mic' ? voice(await theClip(), tap) : vp8Source(tap) };
  }
}
