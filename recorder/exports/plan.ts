import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Sealer } from '@cratersync/infra/runtime';
import type { ObjectStore } from '../store/index.ts';
import { exportKeys } from './parts.ts';

const purposeOf = (exportId: string) => `export-plan ${exportId}`;

/** What is to be exported, in which order: decided once, so that whoever goes on counts the same steps. */
export async function keepPlan(
  store: Pick<ObjectStore, 'put'>,
  sealer: Sealer,
  exportId: string,
  turn: number,
  plan: readonly unknown[],
): Promise<void> {
  const sealed = sealer.seal(Buffer.from(JSON.stringify(plan)), purposeOf(exportId));
  await store.put(exportKeys.plan(exportId, turn), sealed, createHash('sha256').update(sealed).digest('hex'));
}

export async function readPlan(
  store: Pick<ObjectStore, 'get'>,
  sealer: Sealer,
  exportId: string,
  turn: number,
): Promise<unknown[]> {
  const sealed = await buffer(await store.get(exportKeys.plan(exportId, turn)));
  return JSON.parse(sealer.open(sealed, purposeOf(exportId)).toString());
}
