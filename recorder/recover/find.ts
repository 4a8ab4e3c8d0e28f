import { buffer } from 'node:stream/consumers';
import {
  type OrganizationId,
  type RecordingId,
  recordingId as recordingIdSchema,
  type SessionId,
} from '@cratersync/signaling/protocol';
import { FormatError, HEAD_BYTES, objectKeys, readHead } from '../format/index.ts';
import { ObjectMissing, type ObjectStore } from '../store/index.ts';

/** What the store has of one recording. */
export interface StoredRecording {
  recordingId: RecordingId;
  /** Keys, in order. */
  chunks: string[];
  bytes: number;
  hasManifest: boolean;
  /** The number of whoever holds it, or has ended it; 0 when nobody ever claimed it. */
  holder: number;
}

/** Whose it is, as an object's header says. Not proven before that object is opened. */
export interface StoredOwner {
  organizationId: OrganizationId;
  sessionId: SessionId;
}

/** Every recording in the store, one after the other. @param onObject counts what was looked at */
export async function* storedRecordings(
  store: ObjectStore,
  onObject: (count: number) => void = () => {},
): AsyncGenerator<StoredRecording> {
  let recording: StoredRecording | null = null;
  let count = 0;
  for await (const { key, bytes } of store.list('recordings/')) {
    count += 1;
    onObject(count);
    const id = recordingIdSchema.safeParse(key.split('/')[1]);
    if (!id.success) continue;
    if (recording?.recordingId !== id.data) {
      if (recording !== null) yield recording;
      recording = nothingOf(id.data);
    }
    note(recording, key, bytes);
  }
  if (recording !== null) yield recording;
}

/** One recording as the store has it; without any object when there is none of it. */
export async function findStored(store: ObjectStore, recordingId: RecordingId): Promise<StoredRecording> {
  const recording = nothingOf(recordingId);
  for await (const { key, bytes } of store.list(objectKeys.recordingPrefix(recordingId)))
    note(recording, key, bytes);
  return recording;
}

/** @returns null when no object of it has a header that can be read */
export async function ownerOf(store: ObjectStore, recording: StoredRecording): Promise<StoredOwner | null> {
  const { recordingId, chunks, hasManifest } = recording;
  const keys = hasManifest ? [objectKeys.manifest(recordingId), ...chunks] : chunks;
  for (const key of keys) {
    try {
      const head = readHead(await buffer(await store.get(key, { start: 0, end: HEAD_BYTES - 1 })));
      if (head.keyId !== recordingId) continue;
      return { organizationId: head.organizationId, sessionId: head.sessionId };
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof ObjectMissing)) throw error;
    }
  }
  return null;
}

const nothingOf = (recordingId: RecordingId): StoredRecording => ({
  recordingId,
  chunks: [],
  bytes: 0,
  hasManifest: false,
  holder: 0,
});

function note(recording: StoredRecording, key: string, bytes: number): void {
  const { recordingId } = recording;
  const holder = /\/holders\/(\d{8})$/.exec(key)?.[1];
  if (holder !== undefined) recording.holder = Math.max(recording.holder, Number(holder));
  if (key === objectKeys.manifest(recordingId)) recording.hasManifest = true;
  if (!key.startsWith(objectKeys.tracksPrefix(recordingId))) return;
  recording.chunks.push(key);
  recording.bytes += bytes;
}
