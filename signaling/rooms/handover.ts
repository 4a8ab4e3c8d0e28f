import type { RecorderLink } from './nodes.ts';
import { expectedTracks, type RecordedRoom } from './recorded-room.ts';
import type { Recording } from './recording.ts';
import type { RoomDependencies } from './rooms.ts';

/** A recorder that restarts is back within two seconds; one that is away for longer may have lost its machine. */
export const HANDOVER_MS = 5_000;
export const HANDOVER_AGAIN_MS = 2_000;

const RECORDER_AWAY =
  'The recorder is not reachable. It goes on by itself when it is back; until then new words may be missing.';

/** Whose recorder it is about. */
interface Recorded {
  readonly current: Recording | null;
  reconcile(cause: 'left'): Promise<void>;
  moved(state: 'recording', reason?: string): void;
}

/** How a room's recording goes on when its recorder is gone: after a while another one takes it over. */
export class Handover {
  readonly #room: RecordedRoom;
  readonly #deps: Pick<RoomDependencies, 'recorders' | 'log'>;
  readonly #recorded: Recorded;
  #timer: NodeJS.Timeout | null = null;

  constructor(room: RecordedRoom, deps: Pick<RoomDependencies, 'recorders' | 'log'>, recorded: Recorded) {
    this.#room = room;
    this.#deps = deps;
    this.#recorded = recorded;
  }

  /** A recorder's connection is gone. If it does not come back soon, another one goes on. */
  recorderGone(recorderId: string): void {
    const { current } = this.#recorded;
    if (current?.active === true && current.recorderId === recorderId) this.#wait(HANDOVER_MS);
  }

  /** @returns whether one was waited for */
  callOff(): boolean {
    if (this.#timer === null) return false;
    clearTimeout(this.#timer);
    this.#timer = null;
    return true;
  }

  /** They lead to a recorder that has been relieved; one that is gone already is as good. */
  async closeTaps(tapIds: readonly string[]): Promise<void> {
    const { sessionId } = this.#room;
    const sfu = this.#room.sfu();
    await Promise.allSettled(tapIds.map(tapId => sfu?.ask('tap.close', { sessionId, tapId })));
  }

  #wait(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#handOver();
    }, ms).unref();
  }

  async #handOver(): Promise<void> {
    const recording = this.#recorded.current;
    const { recorders, log } = this.#deps;
    if (recording?.active !== true || recorders.has(recording.recorderId)) return;
    const { recordingId } = recording;
    try {
      const recorder = recorders.pick(this.#room.sessionId, this.#room.region());
      const holder = await this.#takeOver(recording, recorder);
      if (!recording.active) return;
      const old = recording.handTo(recorder.nodeId, holder);
      log.warn({ recordingId, recorderId: recorder.nodeId }, 'another recorder goes on');
      await this.closeTaps(old);
      await this.#recorded.reconcile('left');
      this.#recorded.moved('recording');
    } catch (error) {
      log.error({ err: error, recordingId }, 'no recorder could go on; trying again');
      this.#recorded.moved('recording', RECORDER_AWAY);
      this.#wait(HANDOVER_AGAIN_MS);
    }
  }

  async #takeOver(recording: Recording, recorder: RecorderLink): Promise<number> {
    const { organizationId, sessionId } = this.#room;
    const { recordingId, startedAtMs } = recording;
    const asked = {
      organizationId,
      sessionId,
      recordingId,
      startedAtMs,
      elapsedMs: recording.view.elapsedMs,
      after: recording.holder,
      expected: expectedTracks(this.#room),
    };
    return (await recorder.ask('recording.take-over', asked, 12_000)).holder;
  }
}
