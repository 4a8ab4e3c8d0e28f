import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Log } from '@cratersync/infra/runtime';
import {
  errors,
  kindOf,
  type OrganizationId,
  type RecordingId,
  type Request,
  type SessionId,
  type TrackId,
} from '@cratersync/signaling/protocol';
import { Mailbox } from '../capture/mailbox.ts';
import type { TapEndpoint } from '../capture/tap-endpoint.ts';
import type { recorderProcedures } from '../control.ts';
import type { RecordingRow, TrackRow } from '../journal/catalogue-entries.ts';
import { type ChainPosition, ChunkWriter } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import { Ledger } from '../journal/ledger.ts';
import type { RecoveredTrack } from '../journal/recovery.ts';
import { sealLedger } from '../journal/sealed-ledger.ts';
import type { ObjectStore } from '../store/index.ts';
import { storeManifest } from './finalize.ts';
import { elapsedUs, lastAliveUs, SessionClock } from './session-clock.ts';
import { describeStream } from './stream.ts';

type Asked<K extends keyof typeof recorderProcedures> = Request<typeof recorderProcedures, K>;

export interface RecordingDependencies {
  journal: Journal;
  store: ObjectStore;
  clock: Clock;
  log: Log;
}

export interface RecordingIds {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

const DURABLE_WAIT_MS = 500;
/** Senders that do not stop must not keep a recording open. */
const READ_OUT_US = 200_000;

interface Track {
  row: TrackRow;
  ledger: Ledger;
  mailbox: Mailbox;
}

/**
 * One recording of this recorder.
 *
 * - recording: tracks come and go
 * - draining: it was closed at `durationUs`; what was received is on its way to the disk
 * - finalizing: on its way to the store, the manifest last
 * - finalized: the manifest is stored, and signaling has yet to hear of it
 */
export class Recording {
  readonly row: RecordingRow;
  readonly #sessionKey: Buffer;
  readonly #clock: SessionClock;
  readonly #deps: RecordingDependencies;
  readonly #tracks = new Map<TrackId, Track>();
  #phase: 'recording' | 'draining' | 'finalizing' | 'finalized' = 'recording';

  private constructor(row: RecordingRow, sessionKey: Buffer, elapsedUs: number, deps: RecordingDependencies) {
    this.row = row;
    this.#sessionKey = sessionKey;
    this.#deps = deps;
    this.#clock = new SessionClock(deps.clock, deps.journal.catalogue, row.recordingId, elapsedUs);
  }

  /** The session clock starts now. */
  static begin(ids: RecordingIds, sessionKey: Buffer, deps: RecordingDependencies): Recording {
    const { catalogue } = deps.journal;
    catalogue.append({ type: 'opened', ...ids, startedAtMs: deps.clock.wallMs() });
    return new Recording(catalogue.recording(ids.recordingId), sessionKey, 0, deps);
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
      if (track !== undefined) recording.#addTrack(track, ledger, chain);
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

  get receivingTracks() {
    return this.tracks.filter(({ trackId }) => this.#tracks.get(trackId)?.mailbox.receiving === true);
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
    this.#track(asked.trackId).mailbox.start(start, stream, asked.paused);
  }

  muteTrack(asked: Asked<'track.mute'>): void {
    this.#track(asked.trackId).mailbox.mute(asked.muted);
  }

  /** Idempotent; a track that is not known is closed. */
  async closeTrack(asked: Asked<'track.close'>): Promise<void> {
    const track = this.#tracks.get(asked.trackId);
    if (track === undefined || this.#phase !== 'recording') return;
    this.#closeTrack(track, asked.cause);
    await this.#settle();
  }

  tick(nowUs: number): void {
    const atUs = this.#clock.at(nowUs);
    for (const { mailbox } of this.#tracks.values()) mailbox.tick(atUs);
  }

  flush(nowUs: number): void {
    const atUs = this.#clock.at(nowUs);
    let lastUs = 0;
    for (const { mailbox, ledger } of this.#tracks.values()) {
      mailbox.flush(atUs);
      lastUs = Math.max(lastUs, ledger.accountedUs);
    }
    if (this.#phase === 'recording') this.#clock.keep(lastUs);
  }

  /** Ends it, now. Resolves when everything that was received, and that it has ended, is durable. */
  async drain(): Promise<void> {
    const { journal } = this.#deps;
    const { recordingId } = this.row;
    this.#phase = 'draining';
    await this.#readOut();
    const durationUs = this.#now();
    for (const track of this.#tracks.values()) this.#closeTrack(track, 'stopped');
    await journal.durable();
    journal.catalogue.append({ type: 'closing', recordingId, durationUs });
    await journal.durable();
    this.#phase = 'finalizing';
  }

  /** Waits until the store has all chunks, and stores the manifest. Repeating it changes nothing. */
  async finalize(signal: AbortSignal): Promise<void> {
    const { journal } = this.#deps;
    const { recordingId, durationUs } = this.row;
    if (durationUs === null) throw new Error('a recording is finalized before it is drained');
    await journal.uploader.drained(recordingId);
    const accounts = new Map(
      Array.from(this.#tracks, ([trackId, { ledger }]) => [trackId, ledger.finish(durationUs)] as const),
    );
    await storeManifest({ ...this.#deps, row: this.row, accounts, sessionKey: this.#sessionKey, signal });
    journal.catalogue.append({ type: 'finalized', recordingId });
    await journal.durable();
    this.#phase = 'finalized';
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
    const { journal } = this.#deps;
    const owner = this.#owner(row);
    const writer = new ChunkWriter({
      ...owner,
      log: journal.frames,
      chain,
      onSealed: chunk => journal.sealed(chunk, sealLedger(owner, ledger.snapshot())),
    });
    const mailbox = new Mailbox({
      kind: kindOf(row.source),
      ledger,
      writer,
      now: () => this.#now(),
      hasRoom: kind => journal.hasRoom(kind),
    });
    const track = { row, ledger, mailbox };
    this.#tracks.set(row.trackId, track);
    return track;
  }

  #closeTrack({ row, ledger, mailbox }: Track, cause: string): void {
    mailbox.close(cause);
    const { recordingId } = this.row;
    const { trackId } = row;
    const sealed = sealLedger(this.#owner(row), ledger.snapshot());
    this.#deps.journal.accounted(recordingId, trackId, sealed);
  }

  #owner({ trackId }: TrackRow) {
    const { organizationId, sessionId, recordingId } = this.row;
    const { epoch } = this.#deps.journal;
    return { organizationId, sessionId, recordingId, trackId, sessionKey: this.#sessionKey, epoch };
  }
}
