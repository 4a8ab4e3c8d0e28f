import { z } from 'zod';
import { exportContent, exportLock } from './exports.ts';
import { exportId } from './ids.ts';
import { states } from './lifecycle.ts';
import { next } from './rest-integrations.ts';

/** Shapes of exports: what an organization, or a person, takes with them. */

const at = z.iso.datetime({ offset: true });
const passphrase = z
  .string()
  .min(12, 'at least 12 characters: it is all that protects the file')
  .max(500, 'at most 500 characters');
/** An age public key. */
const recipient = z
  .string()
  .trim()
  .max(4000)
  .regex(/^age1[0-9a-z]+$/, 'an age public key begins with age1');
const isOne = ({
  passphrase,
  recipient,
}: {
  passphrase?: string | undefined;
  recipient?: string | undefined;
}) => (passphrase === undefined) !== (recipient === undefined);
const onlyOne = 'give a passphrase or an age public key: one of them';

// POST /organization/exports → 202 exportState; for owners who have signed in within the last quarter of an hour
export const orderExport = z
  .strictObject({ what: exportContent, passphrase: passphrase.optional(), recipient: recipient.optional() })
  .refine(isOne, onlyOne);
// POST /me/exports → 202 exportState
export const orderOwnExport = z
  .strictObject({ passphrase: passphrase.optional(), recipient: recipient.optional() })
  .refine(isOne, onlyOne);
export const exportState = z.object({
  exportId,
  what: exportContent,
  lockedBy: exportLock,
  state: z.enum(states('export')),
  orderedAt: at,
  /** 0..1 */
  progress: z.number(),
  /** Of the file, as far as it is there. */
  bytes: z.number(),
  /** How many things could not be taken along; the manifest in the file names them. */
  leftOut: z.number(),
  /** Why it does not get on, or has failed. */
  note: z.string().nullable(),
  expiresAt: at.nullable(),
  /** To be downloaded; null unless it is ready. */
  url: z.string().nullable(),
});
// GET /organization/exports, GET /me/exports → newest first, a page at a time; DELETE …/:exportId → 204 cancels one
// GET …/:exportId/file → the file, or with Range a part of it
export const exportList = z.object({ exports: z.array(exportState), next });

export type ExportState = z.output<typeof exportState>;
export type ExportList = z.output<typeof exportList>;
export type OrderExport = z.input<typeof orderExport>;
