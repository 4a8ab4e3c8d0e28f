import { type Database, inOrganization, type OrganizationTx, recordings, stems } from '@cratersync/db';
import type { OrganizationId, RecordingId, SessionId, StemId } from '@cratersync/signaling/protocol';

/** What rendering and downloads need of a stem's row. */
export type StemRow = Pick<
  Awaited<ReturnType<typeof stems.ofRecording>>[number],
  'stemId' | 'participantId' | 'participantName' | 'source' | 'name' | 'state' | 'note' | 'files'
>;
type StemFileRow = StemRow['files'][number];

/** What the database keeps of a recording's stems while they are rendered. */
export interface StemLedger {
  rows(): Promise<StemRow[]>;
  rendering(stemId: StemId): Promise<void>;
  /** @param fraction 0..1 */
  progress(stemId: StemId, fraction: number): Promise<void>;
  ready(
    stemId: StemId,
    rendered: { durationMs: number; files: StemFileRow[]; note: string | null },
  ): Promise<void>;
  /** It will be tried again. */
  waiting(stemId: StemId, note: string): Promise<void>;
  failed(stemId: StemId, note: string): Promise<void>;
}

export interface RecordingIdentity {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

/** @returns null when the organization has no such recording (any more) */
export async function findRecording(
  db: Database,
  organizationId: OrganizationId,
  recordingId: RecordingId,
): Promise<(RecordingIdentity & { title: string; startedAt: Date; durationMs: number | null }) | null> {
  const row = await inOrganization(db, organizationId, tx => recordings.byId(tx, recordingId));
  if (row === null) return null;
  const { sessionId, sessionTitle: title, startedAt, durationMs } = row;
  return { organizationId, recordingId, sessionId, title, startedAt, durationMs };
}

export function databaseLedger(db: Database, { organizationId, recordingId }: RecordingIdentity): StemLedger {
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) => inOrganization(db, organizationId, work);
  return {
    rows: () => scoped(tx => stems.ofRecording(tx, recordingId)),
    rendering: stemId =>
      scoped(async tx => {
        // A killed worker leaves it at `rendering`, a failure at `failed`: both begin again.
        await stems.advance(tx, stemId, 'waiting');
        await stems.setProgress(tx, stemId, 0);
        await stems.advance(tx, stemId, 'rendering', { note: null });
      }),
    progress: (stemId, fraction) => scoped(tx => stems.setProgress(tx, stemId, fraction)),
    ready: (stemId, { durationMs, files, note }) =>
      scoped(async tx => {
        await stems.setFiles(tx, stemId, { durationMs, files });
        await stems.advance(tx, stemId, 'ready', { note });
      }),
    waiting: (stemId, note) =>
      scoped(async tx => void (await stems.advance(tx, stemId, 'waiting', { note }))),
    failed: (stemId, note) => scoped(async tx => void (await stems.advance(tx, stemId, 'failed', { note }))),
  };
}
