import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { objectKeys } from '../format/index.ts';
import { ObjectMissing, type ObjectStore, StoreConflict } from '../store/index.ts';

/**
 * Who may go on with a recording, or end it. The store is what all recorders share, and it creates an object once: so
 * whoever begins, takes over or ends a recording claims the next number there, and one of them gets it. A recorder
 * that has been relieved, and does not know it, finds the number taken when it wants to write the manifest.
 */
export interface Claim {
  recorder: string;
  /** `close`: the manifest follows. Only if it does not, because its writer is gone, is there a next holder. */
  purpose: 'record' | 'close';
}

/** Another recorder has it: what was received here is theirs to make use of. */
export class Relieved extends Error {
  constructor() {
    super('another recorder has taken this recording over');
    this.name = 'Relieved';
  }
}

/** Repeating one's own claim is granted. @returns false when somebody else has that number */
export async function claim(
  store: ObjectStore,
  recordingId: RecordingId,
  number: number,
  { recorder, purpose }: Claim,
): Promise<boolean> {
  const body = Buffer.from(`${JSON.stringify({ version: 1, recorder, purpose })}\n`);
  try {
    await put(store, objectKeys.holder(recordingId, number), body);
    return true;
  } catch (error) {
    if (error instanceof StoreConflict) return false;
    throw error;
  }
}

/**
 * Claims a recording whose holder was ending it and is away: the next number, or one behind the marks of those who
 * claimed its end and never wrote the manifest.
 * @returns the number; null when another recorder has been faster
 */
export async function claimEnding(
  store: ObjectStore,
  recordingId: RecordingId,
  after: number,
  recorder: string,
): Promise<number | null> {
  for (let number = after + 1; ; number += 1) {
    if (await claim(store, recordingId, number, { recorder, purpose: 'record' })) return number;
    if ((await holderOf(store, recordingId, number))?.purpose !== 'close') return null;
  }
}

const claimed = z.object({ recorder: z.string(), purpose: z.enum(['record', 'close']) });

/** @returns who has that number, and what for; null when nobody has */
export async function holderOf(
  store: ObjectStore,
  recordingId: RecordingId,
  number: number,
): Promise<Claim | null> {
  try {
    const body = await buffer(await store.get(objectKeys.holder(recordingId, number)));
    return claimed.parse(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof ObjectMissing) return null;
    throw error;
  }
}

/** A holder that was relieved says that the store has everything it received. */
export async function noteYielded(
  store: ObjectStore,
  recordingId: RecordingId,
  number: number,
): Promise<void> {
  await put(store, objectKeys.yielded(recordingId, number), Buffer.from('{"version":1}\n'));
}

export async function hasYielded(
  store: ObjectStore,
  recordingId: RecordingId,
  number: number,
): Promise<boolean> {
  return (await store.head(objectKeys.yielded(recordingId, number))) !== null;
}

async function put(store: ObjectStore, key: string, body: Buffer): Promise<void> {
  await store.put(key, body, createHash('sha256').update(body).digest('hex'));
}
