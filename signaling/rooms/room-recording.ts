import { setTimeout as delay } from 'node:timers/promises';
import type { Asked } from '../audit/asked.ts';
import {
  errors,
  type MediaLayers,
  type RecordingCheck,
  type RecordingProgress,
  type RecordingView,
  type TrackId,
} from '../protocol/index.ts';
import { Countdown } from './countdown.ts';
import { Handover } from './handover.ts';
import type { RecordedRoom } from './recorded-room.ts';
import { Recording } from './recording.ts';
import { RecordingAdmission } from './recording-admission.ts';
import { RoomMarkers } from './room-markers.ts';
import type { RoomDependencies } from './rooms.ts';

const RECONCILE_AGAIN_MS = 1000;
/** A recorder that hangs must not keep people from talking. */
const TAP_WAIT_MS = 2000;
/**
 * What people said until somebody stopped it is still on its way then: through their browsers, over slow uplinks, sent
 * once more after a loss. The recording goes on for so long.
 */
const LAST_WORDS_MS = 500;

/** How it is to begin. */
export interface Beginning {
  countdownMs: number;
  /** Everybody's page sends a tone when the light comes on. */
  slate: boolean;
  /** Who asked for it, as the others know them. */
  by: string;
}
const atOnce: Beginning = { countdownMs: 0, slate: false, by: '' };

/** What a recorder says of a recording when it dials in. */
export interface Announced {
  recordingId: Recording['recordingId'];
  recorderId: string;
  holder: number;
  startedAtMs: number;
  elapsedMs: number;
  paused: boolean;
  tracks: ReadonlySet<TrackId>;
}

/** A room's recording: how it begins, follows the people, survives its recorder, and ends. */
export class RoomRecording {
  readonly #room: RecordedRoom;
  readonly #deps: RoomDependencies;
  #recording: Recording | null = null;
  #starting: Promise<RecordingView> | null = null;
  #stopping: Promise<RecordingView> | null = null;
  #pausing: Promise<unknown> = Promise.resolve();
  #retryTimer: NodeJS.Timeout | null = null;
  readonly #admission: RecordingAdmission;
  readonly #handover: Handover;
  readonly countdown: Countdown;
  readonly markers: RoomMarkers;

  constructor(room: RecordedRoom, deps: RoomDependencies) {
    this.#room = room;
    this.#deps = deps;
    this.#admission = new RecordingAdmission(room, deps);
    this.#handover = new Handover(room, deps, this);
    this.countdown = new Countdown({
      clock: deps.clock,
      tell: countdown => room.tell('countdownChanged', { countdown }),
    });
    this.markers = new RoomMarkers({
      organizationId: room.organizationId,
      catalogue: deps.catalogue,
      current: () => this.#recording,
      tell: marker => room.tell('markerChanged', marker),
    });
  }

  get current(): Recording | null {
    return this.#recording;
  }

  get active(): boolean {
    return this.#recording?.active === true;
  }

  /** Whether a recorder would take it now. @throws `recording_refused`, `plan_limit` */
  check(): Promise<RecordingCheck> {
    return this.#admission.check();
  }

  start(asked: Asked, how: Beginning = atOnce): Promise<RecordingView> {
    if (this.#recording?.active === true) return Promise.resolve(this.#recording.view);
    // Two hosts, or two clicks: one recording.
    this.#starting ??= this.#begin(asked, how).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #begin(asked: Asked, { countdownMs, slate, by }: Beginning): Promise<RecordingView> {
    await this.countdown.run(countdownMs, by);
    const view = await this.#start(asked);
    if (slate) this.#room.tell('slateCalled', {});
    return view;
  }

  async #start(by: Asked): Promise<RecordingView> {
    const { catalogue, clock } = this.#deps;
    const { recordingId, recorderId } = await this.#admission.open(by);
    const recording = this.#newRecording({
      recordingId,
      recorderId,
      holder: 1,
      startedAtMs: clock.wallMs(),
      elapsedMs: 0,
      paused: false,
    });
    await this.reconcile('left');
    catalogue.noteRecording(this.#room.organizationId, recordingId, 'recording');
    return this.#tell(recording.view);
  }

  /** @param asked who wanted it; without, it stops by itself */
  stop(asked?: Asked): Promise<RecordingView> {
    const recording = this.#recording;
    if (recording === null) return Promise.reject(errors.conflict('Nothing is being recorded.'));
    if (!recording.active) return Promise.resolve(recording.view);
    this.#stopping ??= this.#stop(recording, asked).finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  async #stop(recording: Recording, asked?: Asked): Promise<RecordingView> {
    if (asked !== undefined && !recording.paused && this.#room.producers.some(({ paused }) => !paused))
      await delay(LAST_WORDS_MS, undefined, { ref: false });
    if (!recording.active) return recording.view;
    const stopped = recording.close(this.#room.sfu());
    this.#handover.callOff();
    await stopped;
    this.#deps.catalogue.noteStopped(this.#room.organizationId, recording.recordingId, asked);
    this.ending('draining');
    return recording.view;
  }

  /**
   * Resolves when it is so: nobody may think that nothing is kept while something is.
   * @throws `conflict` when nothing is being recorded; `node_unavailable` when it goes on as before
   */
  setPaused(isPaused: boolean, asked: Asked): Promise<RecordingView> {
    // Two hosts: whoever is told that it is paused is told so when it is.
    const done = this.#pausing.then(() => this.#setPaused(isPaused, asked));
    this.#pausing = done.catch(() => {});
    return done;
  }

  async #setPaused(isPaused: boolean, asked: Asked): Promise<RecordingView> {
    const recording = this.#recording;
    if (recording?.active !== true) throw errors.conflict('Nothing is being recorded.');
    if (recording.paused === isPaused) return recording.view;
    recording.paused = isPaused;
    await this.reconcile('left');
    if (this.#room.sfu() === null || !recording.isHeldAsWanted) {
      recording.paused = !isPaused;
      void this.reconcile('left');
      throw errors.nodeUnavailable('recorder or the media server');
    }
    this.#deps.catalogue.notePaused(this.#room.organizationId, recording.recordingId, isPaused, asked);
    return this.#tell(recording.view);
  }

  /** Makes the taps follow what the room's people send. */
  reconcile(cause: Parameters<Recording['reconcile']>[2]): Promise<void> {
    const recording = this.#recording;
    const sfu = this.#room.sfu();
    if (recording === null || !recording.active || sfu === null) return Promise.resolve();
    return recording.reconcile(sfu, this.#room.producers, cause);
  }

  /** Resolves when a new producer is being recorded, or nothing is, or the recorder takes too long; it is tried on. */
  async follows(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TAP_WAIT_MS).unref();
    await Promise.race([this.reconcile('left'), late]);
    clearTimeout(timer);
  }

  /** The SFU passes on other simulcast layers of a producer: for the journal. */
  async layersChanged(trackId: TrackId, layers: MediaLayers): Promise<void> {
    if (this.#recording?.active === true) await this.#recording.tellLayers(trackId, layers);
  }

  /** It has been stopped, by somebody here or with its recorder: from now on it ends without the room. */
  ending(state: 'draining' | 'finalizing'): void {
    const recording = this.#recording;
    if (recording === null) return;
    if (recording.active)
      this.#deps.endings.begin(
        { organizationId: this.#room.organizationId, region: this.#room.region() },
        recording,
      );
    this.moved(state);
  }

  moved(state: RecordingView['state'], reason: string | null = null): void {
    if (this.#recording !== null) this.#tell(this.#recording.moved(state, reason));
  }

  progressed(progress: RecordingProgress): void {
    if (this.#recording?.recordingId === progress.recordingId) this.#room.tell('recordingProgress', progress);
  }

  /**
   * A recorder dialled in and says that it has this recording: known, or found again after a restart of ours.
   * @returns what it is to do: go on, stop because it was stopped while it was away, or leave it to another's hands
   */
  announced(by: Announced): 'record' | 'close' | 'yield' {
    const recording = this.#recording;
    if (recording?.recordingId !== by.recordingId) {
      const found = this.#newRecording(by);
      this.adoptTaps();
      this.#back(by.tracks);
      this.markers.found(found.recordingId).catch((error: unknown) => {
        this.#deps.log.warn({ err: error, recordingId: found.recordingId }, 'its markers are not known');
      });
      // People may have come back before the recorder did.
      this.#tell(found.view);
      return 'record';
    }
    if (by.holder < recording.holder) return 'yield';
    if (by.holder > recording.holder)
      void this.#handover.closeTaps(recording.handTo(by.recorderId, by.holder));
    if (!recording.active) return 'close';
    this.#back(by.tracks);
    return 'record';
  }

  #back(tracks: ReadonlySet<TrackId>): void {
    const waited = this.#handover.callOff();
    this.#recording?.recorderHas(tracks);
    void this.reconcile('left');
    if (waited) this.moved('recording');
  }

  /** The SFU's announcement after signaling's own restart: what is tapped already need not be tapped again. */
  adoptTaps(): void {
    const byTrack = new Map(this.#room.producers.map(producer => [producer.trackId, producer]));
    const standing = this.#room.standingTaps.flatMap(({ tapId, trackId, paused }) => {
      const producer = byTrack.get(trackId);
      return producer === undefined ? [] : [{ tapId, producer, paused }];
    });
    this.#recording?.adopt(standing);
  }

  /** A recorder's connection is gone. If it does not come back soon, another one goes on. */
  recorderGone(recorderId: string): void {
    this.#handover.recorderGone(recorderId);
  }

  /** A track that could not be tapped is tried again until it is. */
  readonly trouble = (error: unknown): void => {
    const { sessionId } = this.#room;
    this.#deps.log.error({ err: error, sessionId }, 'a track is not being recorded; trying again');
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      void this.reconcile('left');
    }, RECONCILE_AGAIN_MS).unref();
  };

  close(): void {
    this.countdown.callOff();
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#handover.callOff();
  }

  #newRecording(begun: Omit<Announced, 'tracks'>): Recording {
    const { recordingId, recorderId, holder, startedAtMs, elapsedMs, paused } = begun;
    const { recorders, clock, log } = this.#deps;
    this.#recording = new Recording(
      { recordingId, sessionId: this.#room.sessionId, startedAtMs },
      { recorderId, holder, state: 'recording', elapsedMs, paused },
      { recorders, clock, log, onTrouble: this.trouble },
    );
    return this.#recording;
  }

  #tell(view: RecordingView): RecordingView {
    this.#room.tell('recordingChanged', view);
    return view;
  }
}
