import type { RecordingId, SessionId } from '@cratersync/signaling/protocol';
import type { PlannedFile } from './entries.ts';

/** One recording that is in an export; with its key, wrapped, where its chunks are. */
export interface TakenRecording {
  recordingId: RecordingId;
  sessionId: SessionId;
  merkleRoot?: string;
  wrappedKey?: string;
}

/** What could not be taken along. */
export interface LeftOut {
  recordingId: RecordingId;
  /** What of it; without, all of it. */
  what?: string;
  reason: string;
}

/** Some files that belong together. */
export interface Opened {
  files: PlannedFile[];
  recordings?: TakenRecording[];
  leftOut?: LeftOut[];
  audit?: { entries: number; head: string };
}

/** What an export is of, step by step. Steps are JSON, and decided on once, at the beginning. */
export interface Contents<Step = unknown> {
  /** What the manifest says of it. */
  about: Record<string, unknown>;
  plan(): Promise<Step[]>;
  /** @throws NotYet */
  open(step: Step): Promise<Opened>;
  /** Which of them were deleted meanwhile. */
  gone(recordings: readonly TakenRecording[]): Promise<RecordingId[]>;
}

/** What is wanted is still being made. */
export class NotYet extends Error {}

/** A file of JSON, as people like to read it. */
export const jsonFile = (path: string, value: unknown): PlannedFile =>
  textFile(path, `${JSON.stringify(value, null, 2)}\n`);

export const textFile = (path: string, text: string): PlannedFile => ({
  path,
  bytes: Buffer.byteLength(text),
  from: { text },
});
