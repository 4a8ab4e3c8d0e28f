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
import type { UdpReceiver } from '../capture/udp/udp-receiver.ts';
import type { recorderProcedures } from '../control.ts';
import type { RecordingRow, TrackRow } from '../journal/catalogue-entries.ts';
import { type ChainPosition, ChunkWriter } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import { Ledger } from '../journal/ledger.ts';
import type { RecoveredTrack } from '../journal/recovery.ts';
import { sealLedger } from '../journal/sealed-ledger.ts';
import type { ObjectStore } from '../store/index.ts';
import { storeManifest } from './finalize.ts';
import { describeStream } from './stream.ts';

type Asked<K extends keyof typeof recorderProcedures> = Request<typeof recorderProcedures, K>;

export interface RecordingDependencies {
  journal: Journal;
  store: ObjectStore;
  receiver: UdpReceiver;
  clock: Clock;
  log: Log;
}

export interface RecordingIds {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

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
  /** The clock's reading at session time zero. */
  readonly #zeroUs: number;
  readonly #deps: RecordingDependencies;
  readonly #tracks = new Map<TrackId, Track>();
  #phase: 'recording' | 'draining' | 'finalizing' | 'finalized' = 'recording';

  private constructor(row: RecordingRow, sessionKey: Buffer, elapsedUs: number, deps: RecordingDependencies) {
    this.row = row;
    this.#sessionKey = sessionKey;
    this.#deps = deps;
    this.#zeroUs = deps.clock.nowUs() - elapsedUs;
  }

  /** The session clock starts now. */
  static begin(ids: RecordingIds, sessionKey: Buffer, deps: RecordingDependencies): Recording {
    const { catalogue } = deps.journal;
    catalogue.append({ type: 'opened', ...ids, startedAtMs: deps.clock.wallMs() });
    return new Recording(catalogue.recording(ids.recordingId), sessionKey, 0, deps);
  }

  /** Goes on with what a dead recorder left. The wall clock bridges the time between; it may have been set back. */
  static takeOver(
    row: RecordingRow,
    sessionKey: Buffer,
    tracks: Map<TrackId, RecoveredTrack>,
    deps: RecordingDependencies,
  ): Recording {
    const elapsedUs = Math.round((deps.clock.wallMs() - row.startedAtMs) * 1000);
    const chunkEndsUs = [...row.tracks.values()].flatMap(({ chunks }) => chunks.map(({ endUs }) => endUs));
    const latestUs = chunkEndsUs.reduce((latest, endUs) => Math.max(latest, endUs), 0);
    const recording = new Recording(row, sessionKey, Math.max(elapsedUs, latestUs), deps);
    for (const [trackId, { ledger, chain }] of tracks) {
      const track = row.tracks.get(trackId);
      if (track === undefined) continue;
      ledger.restarted();
      recording.#addTrack(track, ledger, chain);
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
  closeTrack(asked: Asked<'track.close'>): void {
    const track = this.#tracks.get(asked.trackId);
    if (track !== undefined && this.#phase === 'recording') this.#closeTrack(track, asked.cause);
  }

  tick(nowUs: number): void {
    for (const { mailbox } of this.#tracks.values()) mailbox.tick(nowUs - this.#zeroUs);
  }

  flush(nowUs: number): void {
    for (const { mailbox } of this.#tracks.values()) mailbox.flush(nowUs - this.#zeroUs);
  }

  /** Ends it, now. Resolves when everything that was received, and that it has ended, is durable. */
  async drain(): Promise<void> {
    const { journal } = this.#deps;
    const { recordingId } = this.row;
    this.#phase = 'draining';
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

  #now(): number {
    return this.#deps.clock.nowUs() - this.#zeroUs;
  }

  #track(trackId: TrackId): Track {
    const track = this.#tracks.get(trackId);
    if (track === undefined) throw errors.notFound('track');
    return track;
  }

  #addTrack(row: TrackRow, ledger: Ledger, chain: ChainPosition): Track {
    const { journal, receiver, clock } = this.#deps;
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
      receiver,
      clock,
      zeroUs: this.#zeroUs,
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
    this.#deps.journal.catalogue.append({ type: 'ledger', recordingId, trackId, ledger: sealed });
  }

  #owner({ trackId }: TrackRow) {
    const { organizationId, sessionId, recordingId } = this.row;
    const { epoch } = this.#deps.journal;
    return { organizationId, sessionId, recordingId, trackId, sessionKey: this.#sessionKey, epoch };
  }
}
