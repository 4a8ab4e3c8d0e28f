import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

/** Puts a new link in the place of every older one for the same address, and clears out what has expired. */
export async function replace(
  tx: Tx<Scope>,
  link: { email: string; browserHash: Buffer; tokenHash: Buffer; lifetimeMs: number },
): Promise<void> {
  await tx.change('DELETE FROM app.sign_in_links WHERE email = $1 OR expires_at < now()', [link.email]);
  await tx.change(
    `INSERT INTO app.sign_in_links (token_hash, email, browser_hash, expires_at)
     VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    [link.tokenHash, link.email, link.browserHash, link.lifetimeMs],
  );
}

/** @returns whose address it proves; null when it is unknown, used, expired, or of another browser */
export async function use(
  tx: Tx<Scope>,
  of: { tokenHash: Buffer; browserHash: Buffer },
): Promise<string | null> {
  const used = await tx.first<{ email: string }>(
    `DELETE FROM app.sign_in_links WHERE token_hash = $1 AND browser_hash = $2 AND expires_at > now()
     RETURNING email`,
    [of.tokenHash, of.browserHash],
  );
  return used?.email ?? null;
}
