import { type Entity, type State, sourcesOf } from '@cratersync/signaling/protocol';
import type { Tx } from './scope.ts';

const tables = {
  session: { table: 'sessions', key: 'session_id' },
  participant: { table: 'participants', key: 'participant_id' },
  recording: { table: 'recordings', key: 'recording_id' },
  stem: { table: 'stems', key: 'stem_id' },
} as const satisfies Partial<Record<Entity, { table: string; key: string }>>;

/**
 * One guarded step of a lifecycle: the row moves only from a state that the protocol's table allows.
 * @returns whether it moved; false when it was already there, or may not go there
 */
export async function advance<E extends keyof typeof tables>(
  tx: Tx,
  entity: E,
  id: string,
  to: State<E>,
): Promise<boolean> {
  const { table, key } = tables[entity];
  const { rowCount } = await tx.query(
    `UPDATE ${table} SET state = $2 WHERE ${key} = $1 AND state = ANY($3)`,
    [id, to, sourcesOf(entity, to)],
  );
  return rowCount === 1;
}
