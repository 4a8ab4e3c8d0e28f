import { isSignedBy, type Signer } from '@cratersync/infra/runtime';
import { organizationId, recordingId, rest, sessionId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

const at = z.iso.datetime();
const recordingErasure = z.strictObject({
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
const organizationErasure = z.strictObject({
  what: z.literal('organization'),
  organizationId,
  /** What became of its own keys. Whatever stands here, every session key was destroyed besides. */
  keys: z.array(
    z.strictObject({
      provider: z.string(),
      keyId: z.string(),
      /** `scheduled`: it opens nothing, and its provider deletes it in some days. `shared`: it is not its own alone. */
      outcome: z.enum(['destroyed', 'scheduled', 'shared']),
      /** Of one that is scheduled: when its provider deletes it. */
      deletedAfter: at.optional(),
    }),
  ),
  requestedAt: at,
  keysDestroyedAt: at,
  finishedAt: at,
  recordings: z.int().nonnegative(),
  objects: z.int().nonnegative(),
  absent: z.strictObject({ sessionKeys: z.literal(true), objects: z.literal(true), rows: z.literal(true) }),
});
/** What was erased, when, and that nothing of it was found afterwards. */
export const erasure = z.discriminatedUnion('what', [recordingErasure, organizationErasure]);
export type Erasure = z.output<typeof erasure>;
export type OrganizationErasure = z.output<typeof organizationErasure>;

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
