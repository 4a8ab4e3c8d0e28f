import { createHash } from 'node:crypto';
import type { Clock, Log } from '@cratersync/infra/runtime';
import type { Held } from '@cratersync/recorder/control';
import {
  AppError,
  errors,
  kindOf,
  type MediaLayers,
  type ParticipantId,
  type RecordingId,
  type RecordingView,
  type SessionId,
  type Source,
  type State,
  type TrackId,
  trackId as trackIdSchema,
} from '../protocol/index.ts';
import type { Nodes, RecorderLink, SfuLink } from './nodes.ts';

/** What a room offers to be recorded. */
export interface LiveProducer {
  producerId: string;
  trackId: TrackId;
  participantId: ParticipantId;
  source: Source;
  paused: boolean;
}

type CloseCause = 'left' | 'stopped' | 'reconnected' | 'media-node-lost';
interface Tapped {
  producer: LiveProducer;
  tapId: string;
  /** As the recorder knows it. */
  held: Held;
  /** Nothing flows. */
  paused: boolean;
}

/**
 * Under which id a producer's track is recorded. A recorder that takes over begins tracks of its own, so that each
 * has one author and one chain of chunks; signaling can tell their ids again after its own restart.
 */
export function recordedTrackId(trackId: TrackId, holder: number): TrackId {
  if (holder === 1) return trackId;
  const hash = createHash('sha256').update(`${trackId} ${holder}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return trackIdSchema.parse(parts.join('-'));
}

/**
 * One recording as signaling sees it. It knows what should be recorded (the room's producers) and what is (the
 * taps), and `reconcile` makes the second follow the first. That is all that happens at the start, when somebody
 * comes, goes or mutes, and after a node has been away.
 */
export class Recording {
  readonly recordingId: RecordingId;
  readonly sessionId: SessionId;
  /** When it began, by the wall clock. */
  readonly startedAtMs: number;
  #recorderId: string;
  /** Counts the recorders that have had it: whose number is lower has been relieved. */
  #holder: number;
  #state: State<'recording'>;
  #reason: string | null = null;
  #paused: boolean;
  readonly #startedUs: number;
  readonly #tapped = new Map<TrackId, Tapped>();
  readonly #deps: RecordingDependencies;
  #work: Promise<void> = Promise.resolve();

  constructor(
    ids: { recordingId: RecordingId; sessionId: SessionId; startedAtMs: number },
    begun: {
      recorderId: string;
      holder: number;
      state: State<'recording'>;
      elapsedMs: number;
      paused: boolean;
    },
    deps: RecordingDependencies,
  ) {
    this.recordingId = ids.recordingId;
    this.sessionId = ids.sessionId;
    this.startedAtMs = ids.startedAtMs;
    this.#recorderId = begun.recorderId;
    this.#holder = begun.holder;
    this.#state = begun.state;
    this.#paused = begun.paused;
    this.#startedUs = deps.clock.nowUs() - begun.elapsedMs * 1000;
    this.#deps = deps;
  }

  get recorderId(): string {
    return this.#recorderId;
  }

  get holder(): number {
    return this.#holder;
  }

  /** From now on another recorder has it. @returns the taps that led to the one before */
  handTo(recorderId: string, holder: number): string[] {
    this.#recorderId = recorderId;
    this.#holder = holder;
    const taps = [...this.#tapped.values()].map(({ tapId }) => tapId);
    this.#tapped.clear();
    return taps;
  }

  get view(): RecordingView {
    return {
      recordingId: this.recordingId,
      state: this.#state,
      elapsedMs: Math.round((this.#deps.clock.nowUs() - this.#startedUs) / 1000),
      reason: this.#reason,
      isPaused: this.#paused && this.active,
    };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** What follows is for `reconcile`. */
  set paused(isPaused: boolean) {
    this.#paused = isPaused;
  }

  /** Whether nothing flows while it is paused, and everything else while it is not. */
  get isHeldAsWanted(): boolean {
    return [...this.#tapped.values()].every(
      ({ held, paused }) => paused === this.#paused && (held === 'paused') === this.#paused,
    );
  }

  get active(): boolean {
    return this.#state === 'recording' || this.#state === 'starting';
  }

  moved(state: State<'recording'>, reason: string | null = this.#reason): RecordingView {
    this.#state = state;
    this.#reason = reason;
    return this.view;
  }

  /** The recorder's announcement says which tracks it has; the others' taps lead nowhere and are made anew. */
  recorderHas(tracks: ReadonlySet<TrackId>): void {
    for (const trackId of this.#tapped.keys())
      if (!tracks.has(recordedTrackId(trackId, this.#holder))) this.#tapped.delete(trackId);
  }

  /** The SFU's announcement after signaling's own restart: these taps stand and need not be made again. */
  adopt(taps: Iterable<{ tapId: string; producer: LiveProducer; paused: boolean }>): void {
    for (const tap of taps)
      this.#tapped.set(tap.producer.trackId, { ...tap, held: tap.paused ? 'paused' : heldBy(tap.producer) });
  }

  /** Makes the taps follow `wanted`. Calls are worked off one after the other; a failed step is tried again by the next. */
  reconcile(sfu: SfuLink, wanted: readonly LiveProducer[], cause: CloseCause): Promise<void> {
    const snapshot = [...wanted];
    this.#work = this.#work
      .then(() => this.#follow(sfu, snapshot, cause))
      .catch((error: unknown) => this.#deps.onTrouble(error));
    return this.#work;
  }

  async #follow(sfu: SfuLink, wanted: readonly LiveProducer[], cause: CloseCause): Promise<void> {
    const recorder = this.#deps.recorders.get(this.#recorderId);
    const ids = new Set(wanted.map(producer => producer.trackId));
    const gone = [...this.#tapped.values()].filter(({ producer }) => !ids.has(producer.trackId));
    const tasks = [
      ...gone.map(tapped => this.#untap(sfu, recorder, tapped, cause)),
      ...wanted.map(producer => {
        const tapped = this.#tapped.get(producer.trackId);
        if (tapped === undefined) return this.#tap(sfu, recorder, producer);
        return this.#hold(sfu, recorder, tapped, producer);
      }),
    ];
    const failed = (await Promise.allSettled(tasks)).filter(result => result.status === 'rejected');
    if (failed[0] !== undefined) throw failed[0].reason;
  }

  async #tap(sfu: SfuLink, recorder: RecorderLink, producer: LiveProducer): Promise<void> {
    const { recordingId, sessionId } = this;
    const { participantId, source, producerId } = producer;
    const holder = this.#holder;
    const trackId = recordedTrackId(producer.trackId, holder);
    const kind = kindOf(source);
    const port = await recorder.ask('track.open', { recordingId, trackId, participantId, source, kind });
    const { tapId, ...from } = await sfu.ask('tap.open', { sessionId, producerId, ...port });
    const paused = this.#paused;
    const held = paused ? 'paused' : heldBy(producer);
    await recorder.ask('track.start', { recordingId, trackId, ...from, held });
    if (!paused) await sfu.ask('tap.start', { sessionId, tapId });
    // Handed over meanwhile: this tap leads to the one who had it before.
    if (this.#holder !== holder) await sfu.ask('tap.close', { sessionId, tapId });
    else this.#tapped.set(producer.trackId, { producer, tapId, held, paused });
  }

  /** Nothing flows before the recorder knows that it goes on, nor after it knows that it does not. */
  async #hold(sfu: SfuLink, recorder: RecorderLink, tapped: Tapped, producer: LiveProducer): Promise<void> {
    const { recordingId, sessionId } = this;
    const { tapId } = tapped;
    const paused = this.#paused;
    const held = paused ? 'paused' : heldBy(producer);
    if (paused && !tapped.paused) {
      await sfu.ask('tap.pause', { sessionId, tapId });
      tapped.paused = true;
    }
    if (tapped.held !== held) {
      const trackId = recordedTrackId(producer.trackId, this.#holder);
      await recorder.ask('track.hold', { recordingId, trackId, held });
      tapped.held = held;
    }
    if (!paused && tapped.paused) {
      await sfu.ask('tap.start', { sessionId, tapId });
      tapped.paused = false;
    }
  }

  async #untap(sfu: SfuLink, recorder: RecorderLink, tapped: Tapped, cause: CloseCause): Promise<void> {
    const { recordingId, sessionId } = this;
    const { trackId: tappedId } = tapped.producer;
    const trackId = recordedTrackId(tappedId, this.#holder);
    // The recorder first: what is still on its way from the tap belongs to the track.
    await recorder.ask('track.close', { recordingId, trackId, cause });
    this.#tapped.delete(tappedId);
    await sfu.ask('tap.close', { sessionId, tapId: tapped.tapId }).catch((error: unknown) => {
      // A tap whose room is gone is closed already.
      if (!(error instanceof AppError)) throw error;
      this.#deps.log.debug({ err: error }, 'a tap was gone before it was closed');
    });
  }

  /** For the journal only: it tells the pictures' size by itself, so one that is not heard is no harm. */
  async tellLayers(producedId: TrackId, layers: MediaLayers): Promise<void> {
    const { recordingId } = this;
    const trackId = recordedTrackId(producedId, this.#holder);
    try {
      const recorder = this.#deps.recorders.get(this.#recorderId);
      await recorder.ask('track.layers', { recordingId, trackId, ...layers });
    } catch (error) {
      this.#deps.log.debug({ err: error, trackId }, 'a change of layers was not noted');
    }
  }

  /** Ends it: the recorder has taken note, or is away; the rest comes as reports. */
  async close(sfu: SfuLink | null): Promise<void> {
    await this.#work;
    const { recorders, log } = this.#deps;
    // A recorder that is away hears of it when it dials in.
    if (recorders.has(this.#recorderId)) {
      await recorders.get(this.#recorderId).ask('recording.close', { recordingId: this.recordingId });
    } else log.warn({ recordingId: this.recordingId }, 'stopped while its recorder is away');
    const taps = [...this.#tapped.values()];
    this.#tapped.clear();
    if (sfu === null) return;
    const { sessionId } = this;
    await Promise.allSettled(taps.map(({ tapId }) => sfu.ask('tap.close', { sessionId, tapId })));
  }
}

const heldBy = ({ paused }: LiveProducer): Held => (paused ? 'muted' : 'open');

export interface RecordingDependencies {
  recorders: Nodes<RecorderLink>;
  clock: Clock;
  log: Log;
  onTrouble: (error: unknown) => void;
}

/** A refusal that says what failed, whoever it came from. */
export function refusal(error: unknown): AppError {
  if (error instanceof AppError && ['recording_refused', 'plan_limit'].includes(error.code)) return error;
  const reason = error instanceof AppError ? error.message : 'an unexpected fault, which has been logged.';
  return errors.recordingRefused(reason, error);
}
