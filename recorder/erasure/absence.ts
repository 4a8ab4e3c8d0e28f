import { AppError, type RecordingId } from '@cratersync/signaling/protocol';
import type { KeyContext, Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';

/** Whatever is left of one counts, if only an older version. */
export async function countBelow(store: ObjectStore, prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of store.traces(prefix)) count += 1;
  return count;
}

export async function deleteBelow(store: ObjectStore, prefix: string): Promise<void> {
  for await (const key of store.traces(prefix)) await store.delete(key);
}

/** @throws Error when it still opens */
export async function expectNoKey(keys: Keys, context: KeyContext, recordingId: RecordingId): Promise<void> {
  const key = await keys.sessionKey(context, recordingId).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'erased') return null;
    throw error;
  });
  if (key === null) return;
  key.fill(0);
  throw new Error(`the key of the erased recording ${recordingId} still opens`);
}
