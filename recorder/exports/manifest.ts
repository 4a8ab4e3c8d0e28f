import type { RecordingId } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import type { LeftOut, TakenRecording } from './contents.ts';
import type { WrittenFile } from './entries.ts';

export const MANIFEST_PATH = 'manifest.json';
const FORMAT = 'cratersync-export/1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** What the last file of an export says of the others. */
export const exportManifest = z.object({
  format: z.literal(FORMAT),
  organizationId: z.uuid().optional(),
  accountId: z.uuid().optional(),
  exportId: z.uuid(),
  orderedAt: z.iso.datetime(),
  what: z.enum(['stems', 'recordings']),
  /** Opens the recordings' keys (AES-256-GCM; recorder/keys/wrap.ts); hex. */
  wrappingKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** How far the audit log in it goes. */
  audit: z.object({ entries: z.number().int(), head: sha256 }).optional(),
  recordings: z.array(
    z.object({
      recordingId: z.uuid(),
      sessionId: z.uuid(),
      merkleRoot: sha256.optional(),
      wrappedKey: z.string().optional(),
    }),
  ),
  leftOut: z.array(z.object({ recordingId: z.uuid(), what: z.string().optional(), reason: z.string() })),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.number().int().nonnegative(),
      sha256,
      recordingId: z.uuid().optional(),
      /** What stands there is of no use, for this reason; whoever opens the export drops it. */
      void: z.string().optional(),
    }),
  ),
});
export type ExportManifest = z.output<typeof exportManifest>;

export interface ManifestParts {
  about: Record<string, unknown>;
  recordings: readonly TakenRecording[];
  leftOut: readonly LeftOut[];
  gone: readonly RecordingId[];
  audit: { entries: number; head: string } | null;
  files(): AsyncIterable<WrittenFile>;
}

const GONE = 'it was deleted while this export was made';

/** In pieces, a file a line: there may be millions. The same parts give the same text. */
export async function* manifestText(parts: ManifestParts): AsyncGenerator<string> {
  const gone = new Set<string>(parts.gone);
  const kept = parts.recordings.filter(({ recordingId }) => !gone.has(recordingId));
  const leftOut = [...parts.leftOut, ...parts.gone.map(recordingId => ({ recordingId, reason: GONE }))];
  const { audit } = parts;
  const head = {
    format: FORMAT,
    ...parts.about,
    ...(audit !== null && { audit }),
    recordings: kept,
    leftOut,
  };
  yield `${JSON.stringify(head, null, 1).replace(/\n\}$/, '')},\n "files": [`;
  let separator = '\n  ';
  for await (const file of parts.files()) {
    const isGone = file.recordingId !== undefined && gone.has(file.recordingId);
    yield separator + JSON.stringify(isGone ? { ...file, void: GONE } : file);
    separator = ',\n  ';
  }
  yield '\n ]\n}\n';
}
