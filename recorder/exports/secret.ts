import type { Sealer } from '@cratersync/infra/runtime';
import { z } from 'zod';
import type { ExportPlace } from './place.ts';
import { ownerId } from './place.ts';

const hex = z.string().transform((text): Buffer => Buffer.from(text, 'hex'));
const page = z.url();

/** As it was ordered (signaling/accounts/exports.ts), until a worker begins. */
const ordered = z.strictObject({
  lock: z.union([z.strictObject({ passphrase: z.string() }), z.strictObject({ recipient: z.string() })]),
  /** Where its reader finds it; for the letter. */
  page,
});
/** From then on: the passphrase is forgotten, and what is left opens this one file. */
const begun = z.strictObject({
  fileKey: hex,
  wrappingKey: hex,
  /** In whose turn the plan was made that counts. */
  planTurn: z.int(),
  page,
});
export type BegunSecret = z.output<typeof begun>;

/** What it is sealed for. */
export const secretOf = (place: ExportPlace): string => `export ${ownerId(place)} ${place.exportId}`;

/** @throws UnsealError */
export function openSecret(sealer: Sealer, place: ExportPlace, secret: Buffer) {
  const read: unknown = JSON.parse(sealer.open(secret, secretOf(place)).toString());
  return z.union([begun, ordered]).parse(read);
}

export const sealSecret = (sealer: Sealer, place: ExportPlace, secret: BegunSecret): Buffer => {
  const { fileKey, wrappingKey, ...rest } = secret;
  const text = { fileKey: fileKey.toString('hex'), wrappingKey: wrappingKey.toString('hex'), ...rest };
  return sealer.seal(Buffer.from(JSON.stringify(text)), secretOf(place));
};
