import type { Log } from '@cratersync/infra/runtime';
import {
  AppError,
  type OrganizationId,
  type RecordingId,
  type Region,
  type SessionId,
} from '../protocol/index.ts';
import { HANDOVER_AGAIN_MS, HANDOVER_MS } from './handover.ts';
import type { Nodes, RecorderLink } from './nodes.ts';
import type { Recording } from './recording.ts';

type Stopped = Pick<
  Recording,
  'recordingId' | 'sessionId' | 'recorderId' | 'holder' | 'startedAtMs' | 'view'
>;

interface Ending {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  /** Whose recorders may have it. */
  region: Region | null;
  recorderId: string;
  holder: number;
  startedAtMs: number;
  stoppedMs: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Recordings that were stopped, and whose manifest is not written yet. They outlive their rooms. When a recorder is
 * lost meanwhile, another one brings them to their end with what the store has.
 */
export class Endings {
  readonly #endings = new Map<RecordingId, Ending>();
  readonly #recorders: Nodes<RecorderLink>;
  readonly #log: Log;

  constructor({ recorders, log }: { recorders: Nodes<RecorderLink>; log: Log }) {
    this.#recorders = recorders;
    this.#log = log;
  }

  /** It has just been stopped. */
  begin(of: { organizationId: OrganizationId; region: Region | null }, recording: Stopped): void {
    const { organizationId, region } = of;
    const { recordingId, sessionId, recorderId, holder, startedAtMs } = recording;
    const stoppedMs = recording.view.elapsedMs;
    const ids = { organizationId, sessionId, recordingId };
    const ending = { ...ids, region, recorderId, holder, startedAtMs, stoppedMs, timer: null };
    this.#endings.set(recordingId, ending);
    if (!this.#recorders.has(recorderId)) this.#wait(ending, HANDOVER_MS);
  }

  has(recordingId: RecordingId): boolean {
    return this.#endings.has(recordingId);
  }

  /** Its manifest is written, and the database has it. */
  done(recordingId: RecordingId): void {
    const ending = this.#endings.get(recordingId);
    if (ending === undefined) return;
    this.#stopWaiting(ending);
    this.#endings.delete(recordingId);
  }

  recorderGone(recorderId: string): void {
    for (const ending of this.#of(recorderId)) this.#wait(ending, HANDOVER_MS);
  }

  /** @param has the recordings that it still knows of; without its disk it may have none */
  recorderBack(recorderId: string, has: ReadonlySet<RecordingId>): void {
    for (const ending of this.#of(recorderId)) {
      if (has.has(ending.recordingId)) this.#stopWaiting(ending);
      else this.#wait(ending, HANDOVER_MS);
    }
  }

  #of(recorderId: string): Ending[] {
    return [...this.#endings.values()].filter(ending => ending.recorderId === recorderId);
  }

  #wait(ending: Ending, ms: number): void {
    ending.timer ??= setTimeout(() => {
      ending.timer = null;
      void this.#handOver(ending);
    }, ms).unref();
  }

  #stopWaiting(ending: Ending): void {
    if (ending.timer !== null) clearTimeout(ending.timer);
    ending.timer = null;
  }

  async #handOver(ending: Ending): Promise<void> {
    const { recorderId, region, holder: after, timer, ...asked } = ending;
    const { recordingId, stoppedMs } = asked;
    try {
      const recorder = this.#recorders.pick(ending.sessionId, region);
      const request = { ...asked, elapsedMs: stoppedMs, after };
      const { holder } = await recorder.ask('recording.take-over', request, 12_000);
      Object.assign(ending, { recorderId: recorder.nodeId, holder });
      this.#log.warn({ recordingId, recorderId: recorder.nodeId }, 'another recorder ends a recording');
    } catch (error) {
      if (error instanceof AppError && error.code === 'erased') {
        this.done(recordingId);
        return;
      }
      this.#log.error({ err: error, recordingId }, 'no recorder could end a recording; trying again');
      if (this.#endings.has(recordingId)) this.#wait(ending, HANDOVER_AGAIN_MS);
    }
  }
}
