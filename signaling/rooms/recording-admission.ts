import { randomUUID } from 'node:crypto';
import type { Asked } from '../audit/asked.ts';
import {
  type RecordingCheck,
  type RecordingId,
  recordingId as recordingIdSchema,
} from '../protocol/index.ts';
import type { RecorderLink } from './nodes.ts';
import { expectedTracks, type RecordedRoom } from './recorded-room.ts';
import { refusal } from './recording.ts';
import type { RoomDependencies } from './rooms.ts';

type Needed = Pick<RoomDependencies, 'catalogue' | 'recorders'>;

/** Whether a recorder takes a room's recording, and which. What refuses says why. */
export class RecordingAdmission {
  readonly #room: RecordedRoom;
  readonly #deps: Needed;

  constructor(room: RecordedRoom, deps: Needed) {
    this.#room = room;
    this.#deps = deps;
  }

  /** Whether a recorder would take it now. @throws `recording_refused`, `plan_limit` */
  async check(): Promise<RecordingCheck> {
    const { organizationId, sessionId } = this.#room;
    const { catalogue } = this.#deps;
    try {
      await catalogue.requireHours(organizationId);
      const recorder = await this.#preflight();
      const customerKey = await catalogue.customerKey(organizationId);
      const expected = expectedTracks(this.#room);
      return await recorder.ask('recording.check', { organizationId, sessionId, expected, customerKey });
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Has a recorder open a new one. @throws `recording_refused`, `plan_limit` */
  async open(by: Asked): Promise<{ recordingId: RecordingId; recorderId: string }> {
    const { organizationId, sessionId } = this.#room;
    const { catalogue } = this.#deps;
    const recordingId = recordingIdSchema.parse(randomUUID());
    const recorder = await this.#preflight().catch(refused);
    const customerKey = await catalogue
      .insertRecording({ organizationId, sessionId }, recordingId, by)
      .catch(refused);
    const expected = expectedTracks(this.#room);
    const asked = { organizationId, sessionId, recordingId, expected, customerKey };
    await recorder.ask('recording.open', asked, 12_000).catch((error: unknown) => {
      const reasoned = refusal(error);
      catalogue.noteRefused(organizationId, recordingId, reasoned.message, by);
      throw reasoned;
    });
    return { recordingId, recorderId: recorder.nodeId };
  }

  async #preflight(): Promise<RecorderLink> {
    await this.#room.openMedia();
    return this.#deps.recorders.pick(this.#room.sessionId, this.#room.region());
  }
}

const refused = (error: unknown): never => {
  throw refusal(error);
};
