import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@cratersync/infra/runtime';
import {
  errors,
  kindOf,
  type MediaKind,
  type Request,
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
import { type Counted, sumOf } from './figures.ts';
import type { SessionClock } from './session-clock.ts';
import { describeStream } from './stream.ts';
import { Track } from './track.ts';

type Asked<K extends keyof typeof recorderProcedures> = Request<typeof recorderProcedures, K>;

const DURABLE_WAIT_MS = 500;

export interface TracksOptions {
  row: RecordingRow;
  sessionKey: Buffer;
  /** Session time. */
  time: SessionClock;
  journal: Journal;
  receiver: UdpReceiver;
  clock: Clock;
  /** False when this kind of media must be dropped to keep what matters more. */
  hasRoom: (kind: MediaKind) => boolean;
}

/** The tracks of one recording that this recorder receives, or has received. */
export class Tracks {
  readonly #options: TracksOptions;
  readonly #byId = new Map<TrackId, Track>();

  constructor(options: TracksOptions) {
    this.#options = options;
  }

  /** Goes on with one that a dead recorder left. */
  takeOver(row: TrackRow, { ledger, chain }: RecoveredTrack): void {
    const { watermark } = this.#add(row, ledger, chain);
    for (const chunk of row.chunks) if (!chunk.stored) watermark.sealed(chunk);
  }

  async open(asked: Asked<'track.open'>, ip: string, secured: boolean): Promise<TapEndpoint> {
    const track = this.#byId.get(asked.trackId) ?? (await this.#begin(asked));
    return track.mailbox.open(ip, secured);
  }

  async #begin({ recordingId, trackId, participantId, source }: Asked<'track.open'>): Promise<Track> {
    const { catalogue } = this.#options.journal;
    catalogue.append({ type: 'track', recordingId, trackId, participantId, source });
    const chain = { nextSequence: 0, previousHash: Buffer.alloc(32) };
    const track = this.#add(catalogue.track(recordingId, trackId), new Ledger(kindOf(source)), chain);
    await this.#settle();
    if (track.ledger.closed) throw errors.conflict('That recording has been stopped.');
    return track;
  }

  start(asked: Asked<'track.start'>): void {
    const { start, stream } = describeStream(asked);
    this.#track(asked.trackId).mailbox.start(start, stream, asked.held);
  }

  hold(asked: Asked<'track.hold'>): void {
    this.#track(asked.trackId).mailbox.hold(asked.held);
  }

  noteLayers({ trackId, spatial, temporal }: Asked<'track.layers'>): void {
    this.#track(trackId).mailbox.layers({ spatial, temporal });
  }

  /** Idempotent; a track that is not known is closed. */
  async close({ trackId, cause }: Asked<'track.close'>): Promise<void> {
    const track = this.#byId.get(trackId);
    if (track === undefined) return;
    track.close(cause);
    await this.#settle();
  }

  /** @param atUs session time */
  closeAll(cause: string, atUs?: number): void {
    for (const track of this.#byId.values()) track.close(cause, atUs);
  }

  /**
   * Sends the feedback that is due, and seals what has come so far for the commit that follows.
   * @param atUs session time
   * @returns until when it is told what came, session time
   */
  tick(atUs: number): number {
    let lastUs = 0;
    for (const { mailbox, ledger } of this.#byId.values()) {
      mailbox.tick(atUs);
      mailbox.flush(atUs);
      lastUs = Math.max(lastUs, ledger.accountedUs);
    }
    return lastUs;
  }

  /** The store has acknowledged a chunk of one, or it never will. */
  settled(chunk: SealedChunk): void {
    this.#byId.get(chunk.trackId)?.watermark.settled(chunk);
  }

  /**
   * @param nowUs the recorder's clock; `onDiskUs` is its reading at the last commit
   * @param storage what is the matter with disk or store, for tracks that are well otherwise
   * @returns of every person and source the newest track
   */
  progress(nowUs: number, onDiskUs: number, storage: TrackHealth): TrackProgress[] {
    const { time } = this.#options;
    const newest = new Map<string, TrackProgress>();
    const [atUs, diskUs] = [time.at(nowUs), Math.max(0, time.at(onDiskUs))];
    for (const track of this.#byId.values()) {
      const { participantId, source } = track.row;
      newest.set(`${participantId} ${source}`, track.progress(atUs, diskUs, storage));
    }
    return [...newest.values()];
  }

  /** The host has paused the recording, as far as they tell. */
  get paused(): boolean {
    return [...this.#byId.values()].some(
      ({ mailbox, ledger }) => mailbox.receiving && ledger.held === 'paused',
    );
  }

  get receiving() {
    return Array.from(this.#byId.values())
      .filter(({ mailbox }) => mailbox.receiving)
      .map(({ row: { trackId, participantId, source } }) => ({ trackId, participantId, source }));
  }

  /** How many are received. */
  get counts(): Record<MediaKind, number> {
    const kinds = this.receiving.map(({ source }) => kindOf(source));
    const video = kinds.filter(kind => kind === 'video').length;
    return { audio: kinds.length - video, video };
  }

  /** What they have counted of what they received. */
  get counted(): Counted {
    return sumOf(
      Array.from(this.#byId.values(), ({ ledger, mailbox }) => ({
        ...ledger.counters,
        packetsRecovered: mailbox.recoveredCount,
      })),
    );
  }

  /** What the manifest says of each. */
  accounts(durationUs: number): Map<TrackId, Pick<ManifestTrack, 'streams' | 'gaps' | 'counters'>> {
    return new Map(
      Array.from(this.#byId, ([trackId, { ledger }]) => [trackId, ledger.finish(durationUs)] as const),
    );
  }

  /** What is acknowledged is safe; but a disk that is away must not keep anybody from being recorded. */
  async #settle(): Promise<void> {
    const durable = this.#options.journal.commit().catch(() => {});
    await Promise.race([durable, delay(DURABLE_WAIT_MS, undefined, { ref: false })]);
  }

  #track(trackId: TrackId): Track {
    const track = this.#byId.get(trackId);
    if (track === undefined) throw errors.notFound('track');
    return track;
  }

  #add(row: TrackRow, ledger: Ledger, chain: ChainPosition): Track {
    const { time } = this.#options;
    const place = { row, owner: this.#owner(row), origin: this.#originOf(row), zeroUs: time.zeroUs };
    const track = new Track({ ...this.#options, ...place, ledger, chain });
    this.#byId.set(row.trackId, track);
    return track;
  }

  #originOf({ trackId, participantId, source }: TrackRow): TrackOrigin {
    const { startedAtMs, holder, tracks } = this.#options.row;
    const startedAt = new Date(startedAtMs).toISOString();
    return { participantId, source, startedAt, holder, position: [...tracks.keys()].indexOf(trackId) };
  }

  #owner({ trackId }: TrackRow) {
    const { row, sessionKey, journal } = this.#options;
    const { organizationId, sessionId, recordingId } = row;
    return { organizationId, sessionId, recordingId, trackId, sessionKey, epoch: journal.epoch };
  }
}
