import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Log } from '@cratersync/infra/runtime';
import {
  errors,
  kindOf,
  type MediaKind,
  type OrganizationId,
  type RecordingId,
  type Request,
  type SessionId,
  type TrackHealth,
  type TrackId,
  type TrackProgress,
} from '@cratersync/signaling/protocol';
import type { TapEndpoint } from '../capture/tap-endpoint.ts';
import type { UdpReceiver } from '../capture/udp/udp-receiver.ts';
import type { recorderProcedures } from '../control.ts';
import type { ManifestTrack, TrackOrigin } from '../format/index.ts';
import type { RecordingRow, TrackRow } from '../journal/catalogue-entries.ts';
import type { ChainPosition, SealedChunk } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import { Ledger } from '../journal/ledger.ts';
import type { RecoveredTrack } from '../journal/recovery.ts';
import { sealLedger } from '../journal/sealed-ledger.ts';
import type { ObjectStore } from '../store/index.ts';
import { claimEnd, handIn } from './ending.ts';
import { type Counted, sumOf } from './figures.ts';
import { openManifest, storeManifest } from './finalize.ts';
import { elapsedUs, lastAliveUs, SessionClock } from './session-clock.ts';
import { describeStream } from './stream.ts';
import { Track } from './track.ts';

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

const DURABLE_WAIT_MS = 500;
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
  readonly #tracks = new Map<TrackId, Track>();
  #phase: 'recording' | 'draining' | 'finalizing' | 'finalized' | 'yielding' = 'recording';

  private constructor(row: RecordingRow, sessionKey: Buffer, elapsedUs: number, deps: RecordingDependencies) {
    this.row = row;
    this.#sessionKey = sessionKey;
    this.#deps = deps;
    this.#clock = new SessionClock(deps.clock, deps.journal.catalogue, row.recordingId, elapsedUs);
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
    for (const [trackId, { ledger, chain }] of tracks) {
      const track = row.tracks.get(trackId);
      if (track === undefined) continue;
      const { watermark } = recording.#addTrack(track, ledger, chain);
      for (const chunk of track.chunks) if (!chunk.stored) watermark.sealed(chunk);
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

  /** What it has, received here or not. */
  get tracks() {
    return Array.from(this.row.tracks.values(), ({ trackId, participantId, source }) => ({
      trackId,
      participantId,
      source,
    }));
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

  /** The host has paused it, as far as its tracks tell. */
  get paused(): boolean {
    return [...this.#tracks.values()].some(
      ({ mailbox, ledger }) => mailbox.receiving && ledger.held === 'paused',
    );
  }

  get receivingTracks() {
    return this.tracks.filter(({ trackId }) => this.#tracks.get(trackId)?.mailbox.receiving === true);
  }

  /** What its tracks have counted of what they received. */
  get counted(): Counted {
    return sumOf(
      Array.from(this.#tracks.values(), ({ ledger, mailbox }) => ({
        ...ledger.counters,
        packetsRecovered: mailbox.recoveredCount,
      })),
    );
  }

  get trackCounts(): Record<MediaKind, number> {
    const kinds = this.receivingTracks.map(({ source }) => kindOf(source));
    const video = kinds.filter(kind => kind === 'video').length;
    return { audio: kinds.length - video, video };
  }

  /** The store has acknowledged a chunk of it, or it never will. */
  settled(chunk: SealedChunk): void {
    this.#tracks.get(chunk.trackId)?.watermark.settled(chunk);
  }

  /**
   * @param onDiskUs the clock's reading at the last commit
   * @param storage what is the matter with disk or store, for tracks that are well otherwise
   * @returns of every person and source the newest track
   */
  progress(nowUs: number, onDiskUs: number, storage: TrackHealth): TrackProgress[] {
    const newest = new Map<string, TrackProgress>();
    const [atUs, diskUs] = [this.#clock.at(nowUs), Math.max(0, this.#clock.at(onDiskUs))];
    for (const track of this.#tracks.values()) {
      const { participantId, source } = track.row;
      newest.set(`${participantId} ${source}`, track.progress(atUs, diskUs, storage));
    }
    return [...newest.values()];
  }

  async openTrack(asked: Asked<'track.open'>, ip: string, secured: boolean): Promise<TapEndpoint> {
    if (this.#phase !== 'recording') throw errors.conflict('That recording has been stopped.');
    const { recordingId, trackId, participantId, source } = asked;
    let track = this.#tracks.get(trackId);
    if (track === undefined) {
      const { catalogue } = this.#deps.journal;
      catalogue.append({ type: 'track', recordingId, trackId, participantId, source });
      const ledger = new Ledger(kindOf(source));
      const chain = { nextSequence: 0, previousHash: Buffer.alloc(32) };
      track = this.#addTrack(catalogue.track(recordingId, trackId), ledger, chain);
      await this.#settle();
      if (track.ledger.closed) throw errors.conflict('That recording has been stopped.');
    }
    return track.mailbox.open(ip, secured);
  }

  startTrack(asked: Asked<'track.start'>): void {
    const { start, stream } = describeStream(asked);
    this.#track(asked.trackId).mailbox.start(start, stream, asked.held);
  }

  holdTrack(asked: Asked<'track.hold'>): void {
    this.#track(asked.trackId).mailbox.hold(asked.held);
  }

  noteLayers({ trackId, spatial, temporal }: Asked<'track.layers'>): void {
    this.#track(trackId).mailbox.layers({ spatial, temporal });
  }

  /** Idempotent; a track that is not known is closed. */
  async closeTrack(asked: Asked<'track.close'>): Promise<void> {
    const track = this.#tracks.get(asked.trackId);
    if (track === undefined || this.#phase !== 'recording') return;
    track.close(asked.cause);
    await this.#settle();
  }

  /** Sends the feedback that is due, and seals what has come so far for the commit that follows. */
  tick(nowUs: number): void {
    const atUs = this.#clock.at(nowUs);
    let lastUs = 0;
    for (const { mailbox, ledger } of this.#tracks.values()) {
      mailbox.tick(atUs);
      mailbox.flush(atUs);
      lastUs = Math.max(lastUs, ledger.accountedUs);
    }
    if (this.#phase === 'recording') this.#clock.keep(lastUs);
  }

  /** Ends it, now. Resolves when everything that was received, and that it has ended, is durable. */
  async drain(): Promise<void> {
    const { journal } = this.#deps;
    this.#phase = 'draining';
    await this.#readOut();
    const durationUs = this.#now();
    // All at the same instant: from the chunks alone it can be told how long the recording was.
    for (const track of this.#tracks.values()) track.close('stopped', durationUs);
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
    const accounts = new Map(
      Array.from(this.#tracks, ([trackId, { ledger }]) => [trackId, ledger.finish(durationUs)] as const),
    );
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
    if (wasLive) for (const track of this.#tracks.values()) track.close('relieved');
    await this.#deps.journal.durable();
    return handIn(this.#endingWork(signal));
  }

  #endingWork(signal: AbortSignal) {
    return { ...this.#deps, row: this.row, sessionKey: this.#sessionKey, signal };
  }

  /** What is acknowledged is safe; but a disk that is away must not keep anybody from being recorded. */
  async #settle(): Promise<void> {
    const durable = this.#deps.journal.commit().catch(() => {});
    await Promise.race([durable, delay(DURABLE_WAIT_MS, undefined, { ref: false })]);
  }

  /** What the kernel has received is read in turns of the event loop, until one brings nothing more. */
  async #readOut(): Promise<void> {
    const untilUs = this.#now() + READ_OUT_US;
    for (let before = -1, received = 0; received !== before && this.#now() < untilUs; ) {
      before = received;
      for (let turn = 0; turn < 2; turn += 1) await new Promise(resolve => setImmediate(resolve));
      received = 0;
      for (const { ledger } of this.#tracks.values()) received += ledger.counters.packetsReceived;
    }
  }

  #now(): number {
    return this.#clock.now();
  }

  #track(trackId: TrackId): Track {
    const track = this.#tracks.get(trackId);
    if (track === undefined) throw errors.notFound('track');
    return track;
  }

  #addTrack(row: TrackRow, ledger: Ledger, chain: ChainPosition): Track {
    const place = { row, owner: this.#owner(row), origin: this.#originOf(row), zeroUs: this.#clock.zeroUs };
    const track = new Track({ ...this.#deps, ...place, ledger, chain });
    this.#tracks.set(row.trackId, track);
    return track;
  }

  #originOf({ trackId, participantId, source }: TrackRow): TrackOrigin {
    const { startedAtMs, holder, tracks } = this.row;
    const startedAt = new Date(startedAtMs).toISOString();
    return { participantId, source, startedAt, holder, position: [...tracks.keys()].indexOf(trackId) };
  }

  #owner({ trackId }: TrackRow) {
    const { organizationId, sessionId, recordingId } = this.row;
    const { epoch } = this.#deps.journal;
    return { organizationId, sessionId, recordingId, trackId, sessionKey: this.#sessionKey, epoch };
  }
}
