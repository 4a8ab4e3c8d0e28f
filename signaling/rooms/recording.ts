import type { Clock, Log } from '@cratersync/infra/runtime';
import {
  AppError,
  errors,
  kindOf,
  type ParticipantId,
  type RecordingId,
  type RecordingView,
  type SessionId,
  type Source,
  type State,
  type TrackId,
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
  muted: boolean;
}

/**
 * One recording as signaling sees it. It knows what should be recorded (the room's producers) and what is (the
 * taps), and `reconcile` makes the second follow the first. That is all that happens at the start, when somebody
 * comes, goes or mutes, and after a node has been away.
 */
export class Recording {
  readonly recordingId: RecordingId;
  readonly sessionId: SessionId;
  readonly recorderId: string;
  #state: State<'recording'>;
  #reason: string | null = null;
  readonly #startedUs: number;
  readonly #tapped = new Map<TrackId, Tapped>();
  readonly #deps: RecordingDependencies;
  #work: Promise<void> = Promise.resolve();

  constructor(
    ids: { recordingId: RecordingId; sessionId: SessionId; recorderId: string },
    begun: { state: State<'recording'>; elapsedMs: number },
    deps: RecordingDependencies,
  ) {
    this.recordingId = ids.recordingId;
    this.sessionId = ids.sessionId;
    this.recorderId = ids.recorderId;
    this.#state = begun.state;
    this.#startedUs = deps.clock.nowUs() - begun.elapsedMs * 1000;
    this.#deps = deps;
  }

  get view(): RecordingView {
    return {
      recordingId: this.recordingId,
      state: this.#state,
      elapsedMs: Math.round((this.#deps.clock.nowUs() - this.#startedUs) / 1000),
      reason: this.#reason,
    };
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
    for (const trackId of this.#tapped.keys()) if (!tracks.has(trackId)) this.#tapped.delete(trackId);
  }

  /** The SFU's announcement after signaling's own restart: these taps stand and need not be made again. */
  adopt(taps: Iterable<{ tapId: string; producer: LiveProducer }>): void {
    for (const { tapId, producer } of taps)
      this.#tapped.set(producer.trackId, { producer, tapId, muted: producer.paused });
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
    const recorder = this.#deps.recorders.get(this.recorderId);
    const ids = new Set(wanted.map(producer => producer.trackId));
    const gone = [...this.#tapped.values()].filter(({ producer }) => !ids.has(producer.trackId));
    const tasks = [
      ...gone.map(tapped => this.#untap(sfu, recorder, tapped, cause)),
      ...wanted.map(producer => {
        const tapped = this.#tapped.get(producer.trackId);
        if (tapped === undefined) return this.#tap(sfu, recorder, producer);
        return this.#mute(recorder, tapped, producer.paused);
      }),
    ];
    const failed = (await Promise.allSettled(tasks)).filter(result => result.status === 'rejected');
    if (failed[0] !== undefined) throw failed[0].reason;
  }

  async #tap(sfu: SfuLink, recorder: RecorderLink, producer: LiveProducer): Promise<void> {
    const { recordingId, sessionId } = this;
    const { trackId, participantId, source, producerId } = producer;
    const kind = kindOf(source);
    const port = await recorder.ask('track.open', { recordingId, trackId, participantId, source, kind });
    const { tapId, ...from } = await sfu.ask('tap.open', { sessionId, producerId, ...port });
    await recorder.ask('track.start', { recordingId, trackId, ...from, paused: producer.paused });
    await sfu.ask('tap.start', { sessionId, tapId });
    this.#tapped.set(trackId, { producer, tapId, muted: producer.paused });
  }

  async #mute(recorder: RecorderLink, tapped: Tapped, muted: boolean): Promise<void> {
    if (tapped.muted === muted) return;
    const { recordingId } = this;
    await recorder.ask('track.mute', { recordingId, trackId: tapped.producer.trackId, muted });
    tapped.muted = muted;
  }

  async #untap(sfu: SfuLink, recorder: RecorderLink, tapped: Tapped, cause: CloseCause): Promise<void> {
    const { recordingId, sessionId } = this;
    const { trackId } = tapped.producer;
    // The recorder first: what is still on its way from the tap belongs to the track.
    await recorder.ask('track.close', { recordingId, trackId, cause });
    this.#tapped.delete(trackId);
    await sfu.ask('tap.close', { sessionId, tapId: tapped.tapId }).catch((error: unknown) => {
      // A tap whose room is gone is closed already.
      if (!(error instanceof AppError)) throw error;
      this.#deps.log.debug({ err: error }, 'a tap was gone before it was closed');
    });
  }

  /** Ends it: acknowledged when the recorder has taken note; the rest comes as reports. */
  async close(sfu: SfuLink | null): Promise<void> {
    await this.#work;
    const recorder = this.#deps.recorders.get(this.recorderId);
    await recorder.ask('recording.close', { recordingId: this.recordingId });
    const taps = [...this.#tapped.values()];
    this.#tapped.clear();
    if (sfu === null) return;
    const { sessionId } = this;
    await Promise.allSettled(taps.map(({ tapId }) => sfu.ask('tap.close', { sessionId, tapId })));
  }
}

export interface RecordingDependencies {
  recorders: Nodes<RecorderLink>;
  clock: Clock;
  log: Log;
  onTrouble: (error: unknown) => void;
}

/** A refusal that says what failed, whoever it came from. */
export function refusal(error: unknown): AppError {
  if (error instanceof AppError && error.code === 'recording_refused') return error;
  const reason = error instanceof AppError ? error.message : 'an unexpected fault, which has been logged.';
  return errors.recordingRefused(reason, error);
}
