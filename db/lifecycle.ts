import { type Entity, type State, sourcesOf } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { AccountScope, OrganizationScope } from './scope.ts';

/** The entities whose rows we move; tracks and chunks live in the journal. */
export const stateTables = {
  session: { table: 'app.sessions', id: 'session_id' },
  participant: { table: 'app.participants', id: 'participant_id' },
  recording: { table: 'app.recordings', id: 'recording_id' },
  stem: { table: 'app.stems', id: 'stem_id' },
  render: { table: 'app.renders', id: 'render_id' },
  export: { table: 'app.exports', id: 'export_id' },
  own_export: { table: 'app.own_exports', id: 'export_id' },
  organization: { table: 'app.organizations', id: 'organization_id' },
} as const satisfies Partial<Record<Entity, { table: string; id: string }>>;

/**
 * One guarded step of a lifecycle: the row moves only from a state that the protocol's table allows.
 * @param also columns to set with it; their names come from our own code
 * @returns false when there is no such row, or it stands in a state that doesn't lead there
 */
export async function advance<E extends keyof typeof stateTables>(
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  entity: E,
  id: string,
  to: State<E>,
  also: Record<string, unknown> = {},
): Promise<boolean> {
  const { table, id: idColumn } = stateTables[entity];
  const sets = Object.keys(also).map((column, i) => `, ${column} = $${i + 4}`);
  const moved = await tx.change(
    `UPDATE ${table} SET state = $2${sets.join('')} WHERE ${idColumn} = $1 AND state = ANY ($3)`,
    [id, to, sourcesOf(entity, to), ...Object.values(also)],
  );
  return moved === 1;
}
