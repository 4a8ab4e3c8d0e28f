import type { AccountId, SessionId, SessionSettings, State } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { advance as step } from './lifecycle.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';

export interface Session extends SessionSettings {
  sessionId: SessionId;
  title: string;
  state: State<'session'>;
  createdAt: Date;
  /** When it is planned for; null: whenever. */
  startsAt: Date | null;
  /** What those are called who have been inside. */
  people: string[];
}

const people = `ARRAY(
  SELECT DISTINCT p.display_name FROM app.participants p
  WHERE p.organization_id = s.organization_id AND p.session_id = s.session_id AND p.state <> 'joining'
  ORDER BY p.display_name)`;
const columns = `s.session_id AS "sessionId", s.title, s.state, s.lobby, s.locked, s.created_at AS "createdAt",
  s.starts_at AS "startsAt", ${people} AS people`;
const place = 'coalesce(s.starts_at, s.created_at)';

export const create = (
  tx: Tx,
  session: { title: string; startsAt?: Date | null; createdBy: AccountId },
): Promise<Session> =>
  tx.one(
    `INSERT INTO app.sessions AS s (title, starts_at, created_by) VALUES ($1, $2, $3) RETURNING ${columns}`,
    [session.title, session.startsAt ?? null, session.createdBy],
  );

/** What a list is narrowed to. */
export interface SessionFilter {
  /** Those that are to come or under way, or those that are over. */
  when?: 'upcoming' | 'past' | undefined;
  /** Stands in the title, or in the name of somebody who was there; capitals do not matter. */
  search?: string | undefined;
}

/** By when they are planned for, else by when they were made; the latest first. */
export async function list(tx: Tx, page: PageRequest, filter: SessionFilter = {}): Promise<PageOf<Session>> {
  const found = await tx.query<Session & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf(place, 's.session_id')} FROM app.sessions s
     WHERE ($1::timestamptz IS NULL OR (${place}, s.session_id) < ($1, $2::uuid))
       AND ($4::text IS NULL OR (s.state = 'ended') = ($4 = 'past'))
       AND ($5::text IS NULL OR position(lower($5) IN lower(s.title)) > 0
         OR EXISTS (SELECT FROM unnest(${people}) AS name WHERE position(lower($5) IN lower(name)) > 0))
     ORDER BY ${place} DESC, s.session_id DESC LIMIT $3`,
    [...windowOf(page), filter.when ?? null, filter.search || null],
  );
  return pageOf(found, page);
}

export const byId = (tx: Tx, sessionId: SessionId): Promise<Session | null> =>
  tx.first(`SELECT ${columns} FROM app.sessions s WHERE session_id = $1`, [sessionId]);

export const advance = (tx: Tx, sessionId: SessionId, to: State<'session'>): Promise<boolean> =>
  step(tx, 'session', sessionId, to);

/** Holds the row for the rest of the transaction, so that what is read is what is changed. */
export const hold = (tx: Tx, sessionId: SessionId): Promise<Session | null> =>
  tx.first(`SELECT ${columns} FROM app.sessions s WHERE session_id = $1 FOR UPDATE`, [sessionId]);

export async function configure(
  tx: Tx,
  sessionId: SessionId,
  { lobby, locked, title, startsAt }: Pick<Session, 'lobby' | 'locked' | 'title' | 'startsAt'>,
): Promise<void> {
  await tx.change(
    'UPDATE app.sessions SET lobby = $2, locked = $3, title = $4, starts_at = $5 WHERE session_id = $1',
    [sessionId, lobby, locked, title, startsAt],
  );
}

/** @param closed whether only a host may open it again */
export async function setClosed(tx: Tx, sessionId: SessionId, closed: boolean): Promise<void> {
  await tx.change('UPDATE app.sessions SET closed = $2 WHERE session_id = $1', [sessionId, closed]);
}
