import { randomBytes } from 'node:crypto';
import type { Keys } from '@cratersync/recorder/keys';
import { errors, type RecordingId } from '@cratersync/signaling/protocol';

/** A key store in memory, which a test can take away: with an error, or so that it never answers. */
export class MemoryKeys implements Keys {
  readonly keys = new Map<string, Buffer>();
  away: Error | Promise<never> | null = null;

  async createSessionKey(_context: unknown, recordingId: RecordingId): Promise<Buffer> {
    await this.#reach();
    const key = this.keys.get(recordingId) ?? randomBytes(32);
    this.keys.set(recordingId, key);
    return key;
  }

  async sessionKey(_context: unknown, recordingId: RecordingId): Promise<Buffer> {
    await this.#reach();
    const key = this.keys.get(recordingId);
    if (key === undefined) throw errors.erased();
    return key;
  }

  async destroySessionKey(recordingId: RecordingId): Promise<void> {
    this.keys.delete(recordingId);
  }

  /** Its keys lie open: there is none of the organization. */
  async destroyOrganizationKey() {
    return [];
  }

  async check(): Promise<void> {}

  async #reach(): Promise<void> {
    if (this.away instanceof Error) throw this.away;
    await this.away;
  }
}
