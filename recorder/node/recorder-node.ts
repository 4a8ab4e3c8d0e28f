import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, retry } from '@cratersync/infra/runtime';
import {
  AppError,
  errors,
  type Handlers,
  type MediaKind,
  type RecordingId,
  type Sent,
  type TrackHealth,
} from '@cratersync/signaling/protocol';
import type { UdpReceiver } from '../capture/udp/udp-receiver.ts';
import type { recorderProcedures, recorderReports } from '../control.ts';
import { objectKeys } from '../format/index.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { SealedChunk } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import { type FoundChunks, recoverRecording, sortFound } from '../journal/recovery.ts';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { admit, attempt, type ExpectedTracks } from './admission.ts';
import { claim, Relieved } from './holders.ts';
import { Recording, type RecordingIds, type TakenOver } from './recording.ts';
import { elapsedUs } from './session-clock.ts';
import { Vitals, type VitalsOptions } from './vitals.ts';

/**
 * At this pace taps are read, and feedback goes out to senders; every second time everything is committed. The seldomer,
 * the less a packet costs: the kernel has stamped it with its arrival.
 */
export const TICK_MS = 100;
/** With the time a write takes, what was received is on disk within 250 ms. */
const TICKS_A_COMMIT = 2;
/** The room hears twice a second how far its recording is safe. */
const TICKS_A_REPORT = 5;
const TICKS_A_LOOK = 20;
/** Starting does not wait longer for what was left. */
const RECOVERY_WAIT_MS = 5_000;
const STORE_WAIT_MS = 2_000;
const EARLIER_WAIT_MS = 10 * 60_000;
/** Stopping leaves what is not stored by then to the next start. */
const STOP_MS = 7_000;

/** A disk that does not answer for so long is as good as one that refuses. */
const DISK_HANGS_MS = 3_000;

const KEPT_WITHOUT_KEY_MS = 7 * 24 * 3_600_000;

const STORE_AWAY =
  'The object store is not taking the recording right now. It is kept on the recorder and stored as soon as that works again.';
const DISK_AWAY =
  'The disk of the recorder takes no more. The recording is kept in memory for a short while: make room on that disk, or stop.';
const DISK_NEARLY_FULL =
  'The disk of the recorder is nearly full. Sound is still being recorded, pictures are not: make room on that disk.';

export type Report = <K extends keyof typeof recorderReports>(
  name: K,
  body: Sent<typeof recorderReports, K>,
) => Promise<unknown>;

export interface RecorderNodeOptions extends VitalsOptions {
  journal: Journal;
  store: ObjectStore;
  keys: Keys;
  receiver: UdpReceiver;
  clock: Clock;
  plannedHours?: number;
  tapIp: string;
  nodeId: string;
  earlierWaitMs?: number;
}

type Opening = RecordingIds & { expected?: ExpectedTracks | undefined };

/** The recordings of this recorder, and the answers to what signaling asks of them. */
export class RecorderNode {
  readonly #options: RecorderNodeOptions;
  readonly #recordings = new Map<RecordingId, Recording>();
  readonly #opening = new Map<RecordingId, Promise<Recording>>();
  readonly #finishing = new Map<RecordingId, Promise<void>>();
  readonly #stop = new AbortController();
  /** null while signaling is away. */
  #signaling: { report: Report; gone: AbortController } | null = null;
  readonly #vitals: Vitals;
  #ticks = 0;
  #committing = false;
  /** What was received before is on disk; the clock's reading. */
  #onDiskUs: number;
  #reporting = false;
  #diskFailed = false;

  constructor(options: RecorderNodeOptions) {
    this.#options = options;
    this.#vitals = new Vitals(options, () => this.#warnAll(DISK_NEARLY_FULL));
    this.#onDiskUs = options.clock.nowUs();
  }

  readonly handlers: Handlers<typeof recorderProcedures> = {
    'recording.open': async asked => {
      const recording = await this.#openOnce(asked);
      if (recording.phase !== 'recording') throw errors.conflict('That recording has been stopped.');
      return null;
    },
    'recording.take-over': async asked => {
      const recording = await this.#openOnce(asked, asked);
      if (recording.phase !== 'recording') throw errors.conflict('That recording has been stopped.');
      return { holder: recording.row.holder };
    },
    'recording.yield': asked => {
      const recording = this.#known(asked);
      if (recording !== undefined) void this.#finish(recording, 'yield');
      return null;
    },
    'track.open': async asked => {
      const { tapIp } = this.#options;
      const secured = !isLoopback(tapIp);
      const { port, srtp } = await this.#recording(asked).openTrack(asked, tapIp, secured);
      return { ip: tapIp, port, srtp };
    },
    'track.start': asked => {
      if (asked.srtp === null && !isLoopback(this.#options.tapIp)) {
        throw errors.badRequest('between hosts a tap must be SRTP');
      }
      this.#recording(asked).startTrack(asked);
      return null;
    },
    'track.mute': asked => {
      this.#recording(asked).muteTrack(asked);
      return null;
    },
    'track.close': async asked => {
      await this.#known(asked)?.closeTrack(asked);
      return null;
    },
    'recording.close': asked => {
      const recording = this.#known(asked);
      if (recording !== undefined) void this.#finish(recording);
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
    const all = Promise.all(rows.map(row => this.#takeOver(row, found.get(row.recordingId) ?? [])));
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
          tracks: recording?.receivingTracks ?? [],
        };
      }),
    };
  }

  /** Signaling has taken the announcement: what it must know of is told (again). */
  online(report: Report): void {
    this.#signaling = { report, gone: new AbortController() };
    for (const recording of this.#recordings.values()) {
      if (recording.phase === 'finalized') void this.#reportFinalized(recording);
      else this.#reportPhase(recording);
      if (this.#diskFailed) this.#warn(recording, DISK_AWAY);
    }
  }

  offline(): void {
    this.#signaling?.gone.abort();
    this.#signaling = null;
  }

  /** Called every TICK_MS. */
  tick(): void {
    const { clock, journal, receiver } = this.#options;
    receiver.look();
    const nowUs = clock.nowUs();
    for (const recording of this.#recordings.values()) recording.tick(nowUs);
    this.#ticks += 1;
    if (this.#ticks % TICKS_A_LOOK === 0) this.#vitals.look();
    if (this.#ticks % TICKS_A_REPORT === 0) void this.#reportProgress(nowUs);
    if (this.#ticks % TICKS_A_COMMIT !== 0) return;
    for (const recording of this.#recordings.values()) recording.flush(nowUs);
    journal.uploader.tick(nowUs);
    if (!this.#committing) void this.#commit(nowUs);
  }

  /** The store has acknowledged a chunk, or it never will. */
  settled(chunk: SealedChunk): void {
    this.#recordings.get(chunk.recordingId)?.settled(chunk);
  }

  /** The store has kept a chunk of this recording waiting for 5 s. */
  storeStalled(recordingId: RecordingId): void {
    const recording = this.#recordings.get(recordingId);
    if (recording !== undefined) this.#warn(recording, STORE_AWAY);
  }

  /** Stops and finalizes every recording, as far as that is possible in 7 s. */
  async shutDown(): Promise<void> {
    const late = AbortSignal.timeout(STOP_MS);
    const done = Promise.all(Array.from(this.#recordings.values(), recording => this.#finish(recording)));
    await Promise.race([
      done,
      new Promise(resolve => late.addEventListener('abort', resolve, { once: true })),
    ]);
    this.#stop.abort();
  }

  async #takeOver(row: RecordingRow, found: FoundChunks): Promise<void> {
    const { journal, keys, log } = this.#options;
    const { recordingId } = row;
    try {
      const sessionKey = await retry(() => keys.sessionKey(row, recordingId), {
        signal: this.#stop.signal,
        retryable: error => !(isErased(error) && this.#mayBeLetGo(row)),
        onRetry: error => log.warn({ err: error, recordingId }, 'no key for a recording yet; trying again'),
      });
      const tracks = await recoverRecording(journal, row, found, { sessionKey, log });
      await journal.durable();
      const recording = Recording.takeOver(row, sessionKey, tracks, this.#dependencies);
      // That it was away is written before anything that comes now: it may die again at once.
      await journal.durable();
      this.#recordings.set(recordingId, recording);
      log.info({ recordingId, chunks: found.length }, 'took over a recording');
      if (recording.phase !== 'recording') void this.#finish(recording);
      else if (await this.#isRelieved(row)) void this.#finish(recording, 'yield');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!isErased(error)) {
        // One that cannot be read must not keep the others from recording. Nothing of it is let go.
        log.error(
          { err: error, recordingId },
          'a recording could not be taken over; the next start tries again',
        );
        return;
      }
      log.warn({ recordingId }, 'a recording was erased while the recorder was down');
      journal.catalogue.append({ type: 'forgotten', recordingId });
      journal.release(found.flatMap(each => [each.head, ...each.frames]));
    }
  }

  /** While this recorder was down another one may have gone on. A store that is away does not keep it from recording. */
  async #isRelieved({ recordingId, holder }: RecordingRow): Promise<boolean> {
    const next = this.#options.store.head(objectKeys.holder(recordingId, holder + 1)).catch(() => null);
    return (await Promise.race([next, delay(STORE_WAIT_MS, null, { ref: false })])) !== null;
  }

  /**
   * Whether a missing key means that a recording was erased. A key store that is not mounted looks the same, so what is
   * not in the store yet is kept for some days.
   */
  #mayBeLetGo({ finalized, anchor, startedAtMs }: RecordingRow): boolean {
    return finalized || this.#options.clock.wallMs() - (anchor?.wallMs ?? startedAtMs) > KEPT_WITHOUT_KEY_MS;
  }

  /** @throws `unavailable` while the recording has not been taken over yet */
  #known({ recordingId }: { recordingId: RecordingId }): Recording | undefined {
    const recording = this.#recordings.get(recordingId);
    if (recording !== undefined || !this.#options.journal.catalogue.recordings.has(recordingId))
      return recording;
    throw errors.unavailable('recording');
  }

  #recording(asked: { recordingId: RecordingId }): Recording {
    const recording = this.#known(asked);
    if (recording === undefined) throw errors.notFound('recording');
    return recording;
  }

  /** One admission a recording, however often signaling asks. */
  async #openOnce(ids: Opening, from?: Omit<TakenOver, 'holder'> & { after: number }): Promise<Recording> {
    const known = this.#opening.has(ids.recordingId) ? undefined : this.#known(ids);
    if (known !== undefined) return known;
    const opening = this.#opening.get(ids.recordingId) ?? this.#open(ids, from);
    this.#opening.set(ids.recordingId, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(ids.recordingId);
    }
  }

  async #open(asked: Opening, from?: Omit<TakenOver, 'holder'> & { after: number }): Promise<Recording> {
    const { organizationId, sessionId, recordingId, expected } = asked;
    const ids = { organizationId, sessionId, recordingId };
    const { disk, load } = this.#vitals;
    const admission = { plannedHours: 0, ...this.#options, disk, load };
    const sessionKey = await admit(admission, { organizationId, sessionId }, recordingId, expected);
    const holder = from === undefined ? 1 : from.after + 1;
    const { store, nodeId: recorder } = this.#options;
    const granted = await attempt('the object store', () =>
      claim(store, recordingId, holder, { recorder, purpose: 'record' }),
    );
    if (!granted) throw errors.conflict('Another recorder has this recording, or it has been stopped.');
    const taken = from === undefined ? undefined : { ...from, holder };
    const recording = Recording.begin(ids, sessionKey, this.#dependencies, taken);
    this.#recordings.set(recordingId, recording);
    try {
      await this.#options.journal.commit();
    } catch (error) {
      this.#forget(recording);
      throw errors.recordingRefused(
        'the disk of the recorder could not be written to. Mend that, and try again.',
        error,
      );
    }
    return recording;
  }

  /** Everything from the close to signaling's acknowledgement; at any point, a restart takes it up again. */
  #finish(recording: Recording, how: 'finalize' | 'yield' = 'finalize'): Promise<void> {
    const { recordingId } = recording.row;
    const finishing =
      this.#finishing.get(recordingId) ??
      (how === 'yield' ? this.#runYield(recording) : this.#runFinish(recording));
    this.#finishing.set(recordingId, finishing);
    return finishing;
  }

  /** Another recorder has it. Until the store has all that was received here, a restart takes this up again. */
  async #runYield(recording: Recording): Promise<void> {
    const { recordingId } = recording.row;
    this.#options.log.warn(
      { recordingId },
      'another recorder has taken over a recording; handing in what is here',
    );
    try {
      await recording.yield(this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      throw error;
    }
    this.#forget(recording);
  }

  async #runFinish(recording: Recording): Promise<void> {
    if (recording.phase === 'recording') {
      const drained = recording.drain();
      this.#reportPhase(recording);
      await drained;
    }
    if (recording.phase === 'finalizing') {
      this.#reportPhase(recording);
      try {
        await recording.finalize(this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!(error instanceof Relieved)) throw error;
        return this.#runYield(recording);
      }
    }
    await this.#reportFinalized(recording);
  }

  /** Repeats until signaling has it; a lost connection ends the attempt, and the next one begins another. */
  async #reportFinalized(recording: Recording): Promise<void> {
    const signaling = this.#signaling;
    const { organizationId, sessionId, recordingId, startedAtMs, durationUs, manifest } = recording.row;
    if (signaling === null || durationUs === null || manifest === null) return;
    const body = {
      organizationId,
      sessionId,
      recordingId,
      startedAtMs,
      durationMs: durationUs / 1000,
      manifestKey: objectKeys.manifest(recordingId),
      merkleRoot: manifest.merkleRoot,
      tracks: recording.tracks,
    };
    try {
      await retry(() => signaling.report('recording.finalized', body), {
        signal: signaling.gone.signal,
        maxMs: 5_000,
        onRetry: error =>
          this.#options.log.warn(
            { err: error, recordingId },
            'signaling did not take a finalized recording yet',
          ),
      });
    } catch (error) {
      if (signaling.gone.signal.aborted) return;
      throw error;
    }
    this.#forget(recording);
    this.#options.log.info({ recordingId }, 'finalized a recording');
  }

  #forget({ row: { recordingId } }: Recording): void {
    this.#recordings.delete(recordingId);
    this.#finishing.delete(recordingId);
    this.#options.journal.catalogue.append({ type: 'forgotten', recordingId });
  }

  #reportPhase({ row: { organizationId, recordingId }, phase }: Recording): void {
    if (phase === 'draining' || phase === 'finalizing') {
      void this.#tell('recording.changed', { organizationId, recordingId, state: phase });
    }
  }

  #warn({ row: { organizationId, recordingId } }: Recording, message: string): void {
    void this.#tell('recording.warned', { organizationId, recordingId, message });
  }

  #warnAll(message: string): void {
    for (const recording of this.#recordings.values()) this.#warn(recording, message);
  }

  /** For what is told again after a reconnection, or not worth it. */
  #tell: Report = async (name, body) => {
    try {
      await this.#signaling?.report(name, body);
    } catch (error) {
      this.#options.log.warn({ err: error, report: name }, 'signaling did not take a report');
    }
  };

  get #dependencies() {
    return {
      earlierWaitMs: EARLIER_WAIT_MS,
      ...this.#options,
      hasRoom: (kind: MediaKind) => this.#vitals.hasRoom(kind) && this.#options.journal.hasRoom(kind),
    };
  }

  /** Skipped while the last one is on its way: an old figure is of no use. */
  async #reportProgress(nowUs: number): Promise<void> {
    const live = [...this.#recordings.values()].filter(({ phase }) => phase === 'recording');
    if (this.#reporting || this.#signaling === null || live.length === 0) return;
    this.#reporting = true;
    const recordings = live.map(recording => {
      const { sessionId, recordingId } = recording.row;
      const tracks = recording.progress(nowUs, this.#onDiskUs, this.#storageHealth(recordingId));
      return { sessionId, recordingId, elapsedMs: recording.elapsedMs, tracks };
    });
    await this.#tell('recordings.progressed', { recordings });
    this.#reporting = false;
  }

  #storageHealth(recordingId: RecordingId): TrackHealth {
    if (this.#diskFailed || this.#vitals.diskNearlyFull) return 'disk-nearly-full';
    return this.#options.journal.uploader.isStalled(recordingId) ? 'store-away' : 'flowing';
  }

  /** @param flushedUs what was received before is part of the commit */
  async #commit(flushedUs: number): Promise<void> {
    this.#committing = true;
    const late = setTimeout(() => this.#diskAway(), DISK_HANGS_MS);
    try {
      await this.#options.journal.commit();
      this.#onDiskUs = flushedUs;
      this.#diskFailed = false;
    } catch (error) {
      this.#options.log.error({ err: error }, 'the journal could not be written; trying again');
      this.#diskAway();
    } finally {
      clearTimeout(late);
      this.#committing = false;
    }
  }

  /** Tells all rooms, once until it works again. */
  #diskAway(): void {
    if (this.#diskFailed) return;
    this.#diskFailed = true;
    this.#warnAll(DISK_AWAY);
  }
}

const isErased = (error: unknown) => error instanceof AppError && error.code === 'erased';
const isLoopback = (ip: string) => ip.startsWith('127.') || ip === '::1';
