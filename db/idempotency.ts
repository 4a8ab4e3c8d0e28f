import type { Tx } from './database.ts';

/** A request that may be sent twice: who sent it, under which key, and what it was. */
export interface Attempt {
  actorId: string;
  keyHash: Buffer;
  requestHash: Buffer;
}

export interface Kept {
  requestHash: Buffer;
  /** Null while it is being answered. */
  answered: { status: number; answer: Buffer } | null;
}

/** As long as a key is remembered. */
const LIFETIME = `interval '24 hours'`;
/** Whoever has not answered by then has died over it. */
const PATIENCE = `interval '1 minute'`;

/** @returns null for whoever comes first and may go ahead; else what is kept of the first one */
export async function begin(tx: Tx, { actorId, keyHash, requestHash }: Attempt): Promise<Kept | null> {
  await tx.change(
    `DELETE FROM app.idempotency_keys
     WHERE started_at < now() - ${LIFETIME} OR (status IS NULL AND started_at < now() - ${PATIENCE})`,
  );
  const first = await tx.change(
    `INSERT INTO app.idempotency_keys (actor_id, key_hash, request_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [actorId, keyHash, requestHash],
  );
  if (first === 1) return null;
  const row = await tx.first<{ requestHash: Buffer; status: number | null; answer: Buffer | null }>(
    `SELECT request_hash AS "requestHash", status, answer FROM app.idempotency_keys
     WHERE actor_id = $1 AND key_hash = $2`,
    [actorId, keyHash],
  );
  // Given up by the first one in between: the next try will find it free.
  if (row === null) return { requestHash, answered: null };
  const { status, answer } = row;
  return {
    requestHash: row.requestHash,
    answered: status === null || answer === null ? null : { status, answer },
  };
}

export async function keep(
  tx: Tx,
  { actorId, keyHash }: Attempt,
  { status, answer }: { status: number; answer: Buffer },
): Promise<void> {
  await tx.change(
    'UPDATE app.idempotency_keys SET status = $3, answer = $4 WHERE actor_id = $1 AND key_hash = $2',
    [actorId, keyHash, status, answer],
  );
}

/** Nothing was made: the same key may be tried again. */
export async function giveUp(tx: Tx, { actorId, keyHash }: Attempt): Promise<void> {
  await tx.change(
    'DELETE FROM app.idempotency_keys WHERE actor_id = $1 AND key_hash = $2 AND status IS NULL',
    [actorId, keyHash],
  );
}
