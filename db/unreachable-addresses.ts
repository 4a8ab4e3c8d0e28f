import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

const KEPT_DAYS = 30;

export interface Unreachable {
  /** The mail server's. */
  words: string;
  since: Date;
}

/** Notes that mail to an address was refused for good; told again, the newest words hold. */
export async function mark(tx: Tx<Scope>, { email, words }: { email: string; words: string }): Promise<void> {
  await tx.change(
    `INSERT INTO app.unreachable_addresses (email, words, until) VALUES (lower($1), $2, now() + $3 * interval '1 day')
     ON CONFLICT (email) DO UPDATE SET words = excluded.words, since = now(), until = excluded.until`,
    [email, words, KEPT_DAYS],
  );
}

/** @returns null when nothing is known against it */
export const of = (tx: Tx<Scope>, email: string): Promise<Unreachable | null> =>
  tx.first('SELECT words, since FROM app.unreachable_addresses WHERE email = $1 AND until > now()', [email]);

/** Somebody reads mail there: a code or a link was used that was sent nowhere else. */
export async function clear(tx: Tx<Scope>, email: string): Promise<void> {
  await tx.change('DELETE FROM app.unreachable_addresses WHERE email = $1', [email]);
}

export const count = async (tx: Tx<Scope>): Promise<number> =>
  (await tx.one<{ count: number }>('SELECT count(*) FROM app.unreachable_addresses WHERE until > now()'))
    .count;

export async function forgetOld(tx: Tx<Scope>): Promise<void> {
  await tx.change('DELETE FROM app.unreachable_addresses WHERE until <= now()');
}
