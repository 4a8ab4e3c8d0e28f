import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, isLoopback } from '@cratersync/infra/runtime';
import { errors, type Handlers, type RecordingId, type Sent } from '@cratersync/signaling/protocol';
import type { UdpReceiver } from '../capture/udp/udp-receiver.ts';
import type { recorderProcedures, recorderReports } from '../control.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { SealedChunk } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import { type FoundChunks, sortFound } from '../journal/recovery.ts';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { check } from './admission.ts';
import { Committer } from './committer.ts';
import { Figures, type LiveRecording, liveRecording } from './figures.ts';
import { Finisher } from './finisher.ts';
import { FirstChunks } from './first-chunks.ts';
import { ProgressReports } from './progress-reports.ts';
import { Recordings } from './recordings.ts';
import { type Report, Reports } from './reports.ts';
import { elapsedUs } from './session-clock.ts';
import { isRelieved } from './take-up.ts';
import { Vitals, type VitalsOptions } from './vitals.ts';
import { warnings } from './warnings.ts';

/**
 * At this pace taps are read, feedback goes out to senders, and everything is committed: with the time a write takes, what
 * was received is on disk within 250 ms. The seldomer, the less a packet costs; the kernel has stamped it with its arrival.
 */
export const TICK_MS = 200;
/** The room hears up to twice a second how far its recording is safe. */
const TICKS_A_REPORT = 3;
const TICKS_A_LOOK = 10;
/** Starting does not wait longer for what was left. */
const RECOVERY_WAIT_MS = 5_000;
/** Stopping leaves what is not stored by then to the next start. */
const STOP_MS = 7_000;

export type { Report } from './reports.ts';

export interface RecorderNodeOptions extends VitalsOptions {
  journal: Journal;
  store: ObjectStore;
  keys: Keys;
  receiver: UdpReceiver;
  clock: Clock;
  plannedHours?: number;
  tapIp: string;
  /** `auto` encrypts taps that come from another machine: those that do not arrive on loopback. */
  tapSrtp?: 'auto' | 'always';
  nodeId: string;
  earlierWaitMs?: number;
}

/** The recordings of this recorder, and the answers to what signaling asks of them. */
export class RecorderNode {
  readonly #options: RecorderNodeOptions;
  readonly #recordings: Recordings;
  readonly #stop = new AbortController();
  readonly #reports: Reports;
  readonly #finisher: Finisher;
  readonly #vitals: Vitals;
  readonly #committer: Committer;
  readonly #progress: ProgressReports;
  readonly #figures = new Figures();
  readonly #firstChunks = new FirstChunks();
  #ticks = 0;

  constructor(options: RecorderNodeOptions) {
    this.#options = options;
    const { log } = options;
    this.#reports = new Reports(log);
    this.#finisher = new Finisher({
      log,
      reports: this.#reports,
      signal: this.#stop.signal,
      onDone: recording => this.#recordings.forget(recording),
    });
    this.#vitals = new Vitals(options, () => this.#warnAll(warnings.diskNearlyFull));
    this.#recordings = new Recordings({
      ...options,
      vitals: this.#vitals,
      signal: this.#stop.signal,
      onOpened: recording => this.#firstChunks.opened(recording),
      onForgotten: recording => this.#figures.forgotten(recording),
    });
    this.#committer = new Committer({ ...options, onDiskAway: () => this.#warnAll(warnings.diskAway) });
    this.#progress = new ProgressReports({
      reports: this.#reports,
      committer: this.#committer,
      vitals: this.#vitals,
      journal: options.journal,
    });
  }

  readonly handlers: Handlers<typeof recorderProcedures> = {
    'recording.check': ({ expected, ...context }) => check(this.#recordings.admission, context, expected),
    'recording.open': async asked => {
      const recording = await this.#recordings.open(asked);
      if (recording.phase !== 'recording') throw errors.conflict('That recording has been stopped.');
      return null;
    },
    'recording.take-over': async asked => {
      const recording = await this.#recordings.open(asked, asked);
      const isEnding = asked.stoppedMs !== undefined;
      if (isEnding ? recording.phase === 'yielding' : recording.phase !== 'recording')
        throw errors.conflict('That recording has been stopped.');
      if (isEnding) void this.#finisher.finish(recording);
      return { holder: recording.row.holder };
    },
    'recording.yield': asked => {
      const recording = this.#recordings.known(asked);
      if (recording !== undefined) void this.#finisher.finish(recording, 'yield');
      return null;
    },
    'track.open': async asked => {
      const { tapIp } = this.#options;
      const { port, srtp } = await this.#recordings.of(asked).openTrack(asked, tapIp, this.#tapsSecured);
      return { ip: tapIp, port, srtp };
    },
    'track.start': asked => {
      if (asked.srtp === null && this.#tapsSecured) throw errors.badRequest('this tap must be SRTP');
      this.#recordings.of(asked).tracks.start(asked);
      return null;
    },
    'track.hold': asked => {
      this.#recordings.of(asked).tracks.hold(asked);
      return null;
    },
    'track.layers': asked => {
      this.#recordings.of(asked).tracks.noteLayers(asked);
      return null;
    },
    'track.close': async asked => {
      await this.#recordings.known(asked)?.closeTrack(asked);
      return null;
    },
    'recording.close': asked => {
      const recording = this.#recordings.known(asked);
      if (recording !== undefined) void this.#finisher.finish(recording);
      return null;
    },
  };

  /**
   * Takes over what the last recorder with this journal left. Called once, before anything is asked. What cannot be
   * read for now, because its key is out of reach, is announced all the same, and taken over when that is mended.
   */
  async recover(): Promise<void> {
    const { journal } = this.#options;
    const found = sortFound(journal);
    const rows = [...journal.catalogue.recordings.values()];
    const all = Promise.all(rows.map(row => this.#takeUp(row, found.get(row.recordingId) ?? [])));
    await Promise.race([all, delay(RECOVERY_WAIT_MS, undefined, { ref: false })]);
  }

  announcement(): Sent<typeof recorderReports, 'announce'> {
    const { journal, clock } = this.#options;
    return {
      recordings: Array.from(journal.catalogue.recordings.values(), row => {
        const { organizationId, sessionId, recordingId, holder, startedAtMs } = row;
        const recording = this.#recordings.get(recordingId);
        return {
          organizationId,
          sessionId,
          recordingId,
          holder,
          startedAtMs,
          elapsedMs: recording?.elapsedMs ?? elapsedUs(row, clock) / 1000,
          closing: recording === undefined ? row.durationUs !== null : recording.phase !== 'recording',
          paused: recording?.tracks.paused ?? false,
          tracks: recording?.tracks.receiving ?? [],
        };
      }),
    };
  }

  /** Signaling has taken the announcement: what it must know of is told (again). */
  online(report: Report): void {
    this.#reports.online(report);
    for (const recording of this.#recordings) {
      if (recording.phase === 'finalized') void this.#finisher.report(recording);
      else this.#reports.phase(recording);
      if (this.#committer.diskAway) this.#reports.warning(recording, warnings.diskAway);
    }
  }

  offline(): void {
    this.#reports.offline();
  }

  /** Called every TICK_MS. */
  tick(): void {
    const { clock, journal, receiver } = this.#options;
    receiver.look();
    const nowUs = clock.nowUs();
    for (const recording of this.#recordings) recording.tick(nowUs);
    this.#ticks += 1;
    if (this.#ticks % TICKS_A_LOOK === 0) this.#vitals.look();
    if (this.#ticks % TICKS_A_REPORT === 0) void this.#progress.send(this.#recordings, nowUs);
    journal.uploader.tick(nowUs);
    void this.#committer.commit(nowUs);
  }

  /** The store has acknowledged a chunk, or it never will. */
  settled(chunk: SealedChunk): void {
    const recording = this.#recordings.get(chunk.recordingId);
    if (recording === undefined) return;
    recording.tracks.settled(chunk);
    this.#firstChunks.stored(recording);
  }

  /** The store has kept a chunk of this recording waiting for 5 s. */
  storeStalled(recordingId: RecordingId): void {
    const recording = this.#recordings.get(recordingId);
    if (recording !== undefined) this.#reports.warning(recording, warnings.storeAway);
  }

  /** What is here, how far it is from safe. */
  live(): LiveRecording[] {
    const nowUs = this.#options.clock.nowUs();
    return Array.from(this.#recordings, recording =>
      liveRecording(recording, nowUs, this.#committer.onDiskUs),
    );
  }

  /** Of everything that was received since the start. */
  counted() {
    return this.#figures.counted(this.#recordings);
  }

  disk() {
    return this.#vitals.disk();
  }

  get diskAway(): boolean {
    return this.#committer.diskAway;
  }

  /** Stops and finalizes every recording, as far as that is possible in 7 s. */
  async shutDown(): Promise<void> {
    const late = AbortSignal.timeout(STOP_MS);
    const done = Promise.all(Array.from(this.#recordings, recording => this.#finisher.finish(recording)));
    await Promise.race([
      done,
      new Promise(resolve => late.addEventListener('abort', resolve, { once: true })),
    ]);
    this.abandon();
  }

  /** Gives up all that waits for something. What is not done is left to the next start. */
  abandon(): void {
    this.#stop.abort();
  }

  async #takeUp(row: RecordingRow, found: FoundChunks): Promise<void> {
    const recording = await this.#recordings.takeUp(row, found);
    if (recording === null) return;
    if (recording.phase !== 'recording') void this.#finisher.finish(recording);
    else if (await isRelieved(this.#options.store, row)) void this.#finisher.finish(recording, 'yield');
  }

  #warnAll(message: string): void {
    for (const recording of this.#recordings) this.#reports.warning(recording, message);
  }

  get #tapsSecured(): boolean {
    const { tapIp, tapSrtp = 'auto' } = this.#options;
    return tapSrtp === 'always' || !isLoopback(tapIp);
  }
}
