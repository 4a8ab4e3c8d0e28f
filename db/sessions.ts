import type { AccountId, SessionId, State } from '@cratersync/signaling/protocol';
import { advance as step } from './lifecycle.ts';
import { organizationOf, type Tx } from './scope.ts';

export interface SessionRow {
  sessionId: SessionId;
  title: string;
  state: State<'session'>;
  createdAt: Date;
}

const columns = 'session_id AS "sessionId", title, state, created_at AS "createdAt"';

export async function insert(
  tx: Tx,
  session: { sessionId: SessionId; title: string; createdBy: AccountId },
): Promise<SessionRow> {
  const { rows } = await tx.query<SessionRow>(
    `INSERT INTO sessions (organization_id, session_id, title, created_by) VALUES ($1, $2, $3, $4)
     RETURNING ${columns}`,
    [organizationOf(tx), session.sessionId, session.title, session.createdBy],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return row;
}

export async function byId(tx: Tx, sessionId: SessionId): Promise<SessionRow | null> {
  const { rows } = await tx.query<SessionRow>(`SELECT ${columns} FROM sessions WHERE session_id = $1`, [
    sessionId,
  ]);
  return rows[0] ?? null;
}

export async function newest(tx: Tx, limit: number): Promise<SessionRow[]> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM sessions ORDER BY created_at DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

export const advance = (tx: Tx, sessionId: SessionId, to: State<'session'>): Promise<boolean> =>
  step(tx, 'session', sessionId, to);
