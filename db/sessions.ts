import type { AccountId, SessionId, SessionSettings, State } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { advance as step } from './lifecycle.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';

export interface Session extends SessionSettings {
  sessionId: SessionId;
  title: string;
  state: State<'session'>;
  createdAt: Date;
}

const columns = 'session_id AS "sessionId", title, state, lobby, locked, created_at AS "createdAt"';

export const create = (tx: Tx, session: { title: string; createdBy: AccountId }): Promise<Session> =>
  tx.one(`INSERT INTO app.sessions (title, created_by) VALUES ($1, $2) RETURNING ${columns}`, [
    session.title,
    session.createdBy,
  ]);

/** Newest first. */
export async function list(tx: Tx, page: PageRequest): Promise<PageOf<Session>> {
  const found = await tx.query<Session & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('created_at', 'session_id')} FROM app.sessions
     WHERE $1::timestamptz IS NULL OR (created_at, session_id) < ($1, $2::uuid)
     ORDER BY created_at DESC, session_id DESC LIMIT $3`,
    windowOf(page),
  );
  return pageOf(found, page);
}

export const byId = (tx: Tx, sessionId: SessionId): Promise<Session | null> =>
  tx.first(`SELECT ${columns} FROM app.sessions WHERE session_id = $1`, [sessionId]);

export const advance = (tx: Tx, sessionId: SessionId, to: State<'session'>): Promise<boolean> =>
  step(tx, 'session', sessionId, to);

/** Holds the row for the rest of the transaction, so that what is read is what is changed. */
export const hold = (tx: Tx, sessionId: SessionId): Promise<Session | null> =>
  tx.first(`SELECT ${columns} FROM app.sessions WHERE session_id = $1 FOR UPDATE`, [sessionId]);

export async function configure(
  tx: Tx,
  sessionId: SessionId,
  { lobby, locked }: SessionSettings,
): Promise<void> {
  await tx.change('UPDATE app.sessions SET lobby = $2, locked = $3 WHERE session_id = $1', [
    sessionId,
    lobby,
    locked,
  ]);
}

/** @param closed whether only a host may open it again */
export async function setClosed(tx: Tx, sessionId: SessionId, closed: boolean): Promise<void> {
  await tx.change('UPDATE app.sessions SET closed = $2 WHERE session_id = $1', [sessionId, closed]);
}
