import { type Database, inOrganization, markers, type OrganizationTx, renders } from '@cratersync/db';
import type { RenderId } from '@cratersync/signaling/protocol';
import type { RecordingIdentity } from './ledger.ts';

export type ExtraRow = renders.Render;

/** What the database keeps of what somebody has ordered, while it is made. */
export interface ExtraLedger {
  /** @returns null when there is no such order (any more) */
  row(): Promise<ExtraRow | null>;
  /** @returns false when it is not to be made: it was cancelled, or is there already */
  rendering(): Promise<boolean>;
  /** @param fraction 0..1 @returns false when it was cancelled */
  progress(fraction: number): Promise<boolean>;
  /** @returns false when it was cancelled */
  ready(file: { objectKey: string; bytes: number; note: string | null }): Promise<boolean>;
  /** It will be tried again. */
  waiting(note: string): Promise<void>;
  failed(note: string): Promise<void>;
}

export const extrasOf = (
  db: Database,
  { organizationId, recordingId }: RecordingIdentity,
): Promise<ExtraRow[]> => inOrganization(db, organizationId, tx => renders.ofRecording(tx, recordingId));

export const markersOf = (
  db: Database,
  { organizationId, recordingId }: RecordingIdentity,
): Promise<markers.Marker[]> =>
  inOrganization(db, organizationId, tx => markers.ofRecording(tx, recordingId));

export function databaseExtraLedger(
  db: Database,
  { organizationId }: Pick<RecordingIdentity, 'organizationId'>,
  renderId: RenderId,
): ExtraLedger {
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) => inOrganization(db, organizationId, work);
  return {
    row: () => scoped(tx => renders.byId(tx, renderId)),
    rendering: () =>
      scoped(async tx => {
        const row = await renders.byId(tx, renderId);
        // A killed worker leaves it at `rendering`, and it begins again.
        if (row?.state === 'rendering') await renders.advance(tx, renderId, 'waiting');
        else if (row?.state !== 'waiting') return false;
        return await renders.advance(tx, renderId, 'rendering', { progress: 0, note: null });
      }),
    progress: fraction => scoped(tx => renders.setProgress(tx, renderId, fraction)),
    ready: file => scoped(tx => renders.setReady(tx, renderId, file)),
    waiting: note => scoped(async tx => void (await renders.advance(tx, renderId, 'waiting', { note }))),
    failed: note => scoped(async tx => void (await renders.advance(tx, renderId, 'failed', { note }))),
  };
}
