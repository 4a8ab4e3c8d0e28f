import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

/** Longer than events are sent again, and than anybody would ask for them. */
const KEPT_DAYS = 90;

/** In the transaction of what it leads to. @returns false when it was dealt with before */
export async function note(tx: Tx<Scope>, event: { id: string; type: string }): Promise<boolean> {
  const isNew = await tx.change(
    'INSERT INTO app.stripe_events (event_id, type) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [event.id, event.type],
  );
  await tx.change(`DELETE FROM app.stripe_events WHERE at < now() - $1 * interval '1 day'`, [KEPT_DAYS]);
  return isNew === 1;
}

export const isKnown = async (tx: Tx<Scope>, eventId: string): Promise<boolean> =>
  (await tx.first('SELECT FROM app.stripe_events WHERE event_id = $1', [eventId])) !== null;

/** The number of a look at the payment service that is about to begin. */
export const nextFetch = async (tx: Tx<Scope>): Promise<number> =>
  (await tx.one<{ number: number }>(`SELECT nextval('app.stripe_fetches') AS number`)).number;
