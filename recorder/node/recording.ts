import type { Clock, Log } from '@cratersync/infra/runtime';
import {
  errors,
  type MediaKind,
  type OrganizationId,
  type RecordingId,
  type Request,
  type SessionId,
  type TrackId,
} from '@cratersync/signaling/protocol';
import type { TapEndpoint } from '../capture/tap-endpoint.ts';
import type { UdpReceiver } from '../capture/udp/udp-receiver.ts';
import type { recorderProcedures } from '../control.ts';
import type { ManifestTrack } from '../format/index.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { RecoveredTrack } from '../journal/recovery.ts';
import { sealLedger } from '../journal/sealed-ledger.ts';
import type { ObjectStore } from '../store/index.ts';
import { claimEnd, handIn } from './ending.ts';
import { openManifest, storeManifest } from './finalize.ts';
import { elapsedUs, lastAliveUs, SessionClock } from './session-clock.ts';
import { Tracks } from './tracks.ts';

type Asked<K extends keyof typeof recorderProcedures> = Request<typeof recorderProcedures, K>;

export interface RecordingDependencies {
  journal: Journal;
  store: ObjectStore;
  receiver: UdpReceiver;
  clock: Clock;
  log: Log;
  nodeId: string;
  /** How long the end of a recording waits for what a recorder that was relieved has yet to store. */
  earlierWaitMs: number;
  /** False when this kind of media must be dropped to keep what matters more. */
  hasRoom: (kind: MediaKind) => boolean;
}

export interface RecordingIds {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

/** Where a recorder takes a recording up: as the how-many-eth, and when. */
export interface TakenOver {
  holder: number;
  /** Wall clock at session time zero. */
  startedAtMs: number;
  elapsedMs: number;
  /** Session time at which it was stopped: nothing more is received, but its end is to be written. */
  stoppedMs?: number | undefined;
}

/** Senders that do not stop must not keep a recording open. */
const READ_OUT_US = 200_000;

/**
 * One recording of this recorder.
 *
 * - recording: tracks come and go
 * - draining: it was closed at `durationUs`; what was received is on its way to the disk
 * - finalizing: on its way to the store, the manifest last
 * - finalized: the manifest is stored, and signaling has yet to hear of it
 * - yielding: another recorder has it now; what was received here is on its way to the store
 */
export class Recording {
  readonly row: RecordingRow;
  readonly #sessionKey: Buffer;
  readonly #clock: SessionClock;
  readonly #deps: RecordingDependencies;
  readonly tracks: Tracks;
  #phase: 'recording' | 'draining' | 'finalizing' | 'finalized' | 'yielding' = 'recording';

  private constructor(row: RecordingRow, sessionKey: Buffer, elapsedUs: number, deps: RecordingDependencies) {
    this.row = row;
    this.#sessionKey = sessionKey;
    this.#deps = deps;
    this.#clock = new SessionClock(deps.clock, deps.journal.catalogue, row.recordingId, elapsedUs);
    this.tracks = new Tracks({ ...deps, row, sessionKey, time: this.#clock });
  }

  /** The session clock starts now; or it goes on, where this recorder takes over from another. */
  static begin(
    ids: RecordingIds,
    sessionKey: Buffer,
    deps: RecordingDependencies,
    from: TakenOver = { holder: 1, startedAtMs: deps.clock.wallMs(), elapsedMs: 0 },
  ): Recording {
    const { catalogue } = deps.journal;
    const { holder, startedAtMs } = from;
    const fromUs = Math.round(from.elapsedMs * 1000);
    catalogue.append({ type: 'opened', ...ids, startedAtMs, holder });
    const recording = new Recording(catalogue.recording(ids.recordingId), sessionKey, fromUs, deps);
    if (from.stoppedMs !== undefined) {
      recording.#noteEnd(Math.round(from.stoppedMs * 1000));
      recording.#phase = 'finalizing';
    }
    return recording;
  }

  /** Goes on with what a dead recorder left. */
  static takeOver(
    row: RecordingRow,
    sessionKey: Buffer,
    tracks: Map<TrackId, RecoveredTrack>,
    deps: RecordingDependencies,
  ): Recording {
    const diedUs = lastAliveUs(row);
    const { catalogue, epoch } = deps.journal;
    const { organizationId, sessionId, recordingId } = row;
    for (const [trackId, { ledger }] of tracks) {
      ledger.restarted(diedUs);
      // Before the new anchor: should this recorder die too, it must not seem to have listened meanwhile.
      const owner = { organizationId, sessionId, recordingId, trackId, sessionKey, epoch };
      const sealed = sealLedger(owner, ledger.snapshot());
      catalogue.append({ type: 'ledger', recordingId, trackId, ledger: sealed });
    }
    const recording = new Recording(row, sessionKey, elapsedUs(row, deps.clock), deps);
    for (const [trackId, recovered] of tracks) {
      const track = row.tracks.get(trackId);
      if (track !== undefined) recording.tracks.takeOver(track, recovered);
    }
    if (row.finalized) recording.#phase = 'finalized';
    else if (row.durationUs !== null) recording.#phase = 'finalizing';
    return recording;
  }

  get phase() {
    return this.#phase;
  }

  get elapsedMs(): number {
    return (this.row.durationUs ?? this.#now()) / 1000;
  }

  /** What its manifest says: that may be another recorder's, and has the tracks of all. Null before there is one. */
  get summary() {
    const { manifest } = this.row;
    if (manifest === null) return null;
    const { startedAt, durationUs, merkleRoot, tracks } = openManifest(
      this.#sessionKey,
      Buffer.from(manifest.body, 'base64'),
    );
    return {
      startedAtMs: Date.parse(startedAt),
      durationMs: durationUs / 1000,
      merkleRoot,
      tracks: tracks.map(({ trackId, participantId, source }) => ({ trackId, participantId, source })),
    };
  }

  async openTrack(asked: Asked<'track.open'>, ip: string, secured: boolean): Promise<TapEndpoint> {
    if (this.#phase !== 'recording') throw errors.conflict('That recording has been stopped.');
    return this.tracks.open(asked, ip, secured);
  }

  /** Idempotent; a track that is not known is closed. */
  async closeTrack(asked: Asked<'track.close'>): Promise<void> {
    if (this.#phase === 'recording') await this.tracks.close(asked);
  }

  /** Sends the feedback that is due, and seals what has come so far for the commit that follows. */
  tick(nowUs: number): void {
    const lastUs = this.tracks.tick(this.#clock.at(nowUs));
    if (this.#phase === 'recording') this.#clock.keep(lastUs);
  }

  /** Ends it, now. Resolves when everything that was received, and that it has ended, is durable. */
  async drain(): Promise<void> {
    const { journal } = this.#deps;
    this.#phase = 'draining';
    await this.#readOut();
    const durationUs = this.#now();
    // All at the same instant: from the chunks alone it can be told how long the recording was.
    this.tracks.closeAll('stopped', durationUs);
    await journal.durable();
    this.#noteEnd(durationUs);
    await journal.durable();
    this.#phase = 'finalizing';
  }

  #noteEnd(durationUs: number): void {
    const { recordingId } = this.row;
    this.#deps.journal.catalogue.append({ type: 'closing', recordingId, durationUs });
  }

  /**
   * Waits until the store has all chunks, and stores the manifest. Repeating it changes nothing.
   * @throws Relieved when another recorder has the recording: it is to be yielded
   */
  async finalize(signal: AbortSignal): Promise<void> {
    const { journal } = this.#deps;
    const { recordingId } = this.row;
    await journal.uploader.drained(recordingId);
    const earlier = this.row.manifest === null ? await this.#claimEnd(signal) : [];
    const { durationUs } = this.row;
    if (durationUs === null) throw new Error('a recording is finalized before it is drained');
    const accounts = this.tracks.accounts(durationUs);
    await storeManifest({ ...this.#endingWork(signal), accounts, earlier });
    journal.catalogue.append({ type: 'finalized', recordingId });
    await journal.durable();
    this.#phase = 'finalized';
  }

  /** @returns the tracks of those who had it before */
  async #claimEnd(signal: AbortSignal): Promise<ManifestTrack[]> {
    const { tracks, stoppedUs } = await claimEnd(this.#endingWork(signal));
    // Who stopped it knows best when that was.
    if (this.row.tracks.size === 0 && stoppedUs !== null) this.#noteEnd(stoppedUs);
    return tracks;
  }

  /**
   * Another recorder has it: nothing more is received. Resolves when the store has all that was.
   * @returns how many chunks came too late: the manifest had been written without them
   */
  async yield(signal: AbortSignal): Promise<number> {
    const wasLive = this.#phase === 'recording';
    this.#phase = 'yielding';
    if (wasLive) this.tracks.closeAll('relieved');
    await this.#deps.journal.durable();
    return handIn(this.#endingWork(signal));
  }

  #endingWork(signal: AbortSignal) {
    return { ...this.#deps, row: this.row, sessionKey: this.#sessionKey, signal };
  }

  /** What the kernel has received is read in turns of the event loop, until one brings nothing more. */
  async #readOut(): Promise<void> {
    const untilUs = this.#now() + READ_OUT_US;
    for (let before = -1, received = 0; received !== before && this.#now() < untilUs; ) {
      before = received;
      for (let turn = 0; turn < 2; turn += 1) await new Promise(resolve => setImmediate(resolve));
      received = this.tracks.counted.packetsReceived;
    }
  }

  #now(): number {
    return this.#clock.now();
  }
}
