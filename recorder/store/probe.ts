import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type ObjectStore, StoreUnavailable } from './object-store.ts';

/** What `ObjectStore.check` does: the whole way of an object, in small. */
export async function probe(store: ObjectStore): Promise<void> {
  const key = `probes/${randomUUID()}`;
  const written = randomBytes(64);
  await store.put(key, written, createHash('sha256').update(written).digest('hex'));
  const read = await buffer(await store.get(key));
  await store.delete(key);
  if (!read.equals(written))
    throw new StoreUnavailable('The object store gave back other bytes than it was given.');
}
