import { isSignedBy, type Signer } from '@cratersync/infra/runtime';
import { organizationId, recordingId, rest, sessionId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

const at = z.iso.datetime();
/** What was erased, when, and that nothing of it was found afterwards. */
export const erasure = z.strictObject({
  what: z.literal('recording'),
  organizationId,
  sessionId,
  recordingId,
  /** The key that every object of it was sealed with goes by the recording's id. */
  keyId: z.uuid(),
  requestedAt: at,
  keyDestroyedAt: at,
  finishedAt: at,
  objects: z.int().nonnegative(),
  /** Looked for after everything was deleted. */
  absent: z.strictObject({ key: z.literal(true), objects: z.literal(true) }),
});
export type Erasure = z.output<typeof erasure>;

/** @returns JSON of rest.receipt */
export function receiptOf(done: Erasure, signer: Signer): string {
  const text = JSON.stringify(done);
  const { publicKey } = signer;
  return JSON.stringify({ version: 1, erasure: text, publicKey, signature: signer.sign(text) }, null, 2);
}

/**
 * @param publicKey of the installation that should have signed it, base64url
 * @throws Error that says what does not hold
 */
export function openReceipt(text: string, publicKey: string): Erasure {
  const read = parsed(text);
  if (read.publicKey !== publicKey)
    throw new Error(`it was signed with another key than ${publicKey}: ${read.publicKey}`);
  if (!isSignedBy(publicKey, read.erasure, read.signature))
    throw new Error('its signature does not fit: it was altered, or never signed with that key');
  return erasure.parse(JSON.parse(read.erasure));
}

function parsed(text: string): z.output<typeof rest.receipt> {
  try {
    return rest.receipt.parse(JSON.parse(text));
  } catch (error) {
    throw new Error('that is not a receipt of an erasure', { cause: error });
  }
}
