import type {
  AccountId,
  OrganizationId,
  RecordingId,
  Region,
  ShareContents,
  ShareId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { CapabilityScope } from './scope.ts';

/** A link by which somebody without an account hears one recording, and downloads it. */
export interface Share {
  shareId: ShareId;
  /** Whom it is for. */
  name: string;
  contents: ShareContents;
  createdByName: string;
  createdAt: Date;
  expiresAt: Date;
  openings: number;
  lastOpenedAt: Date | null;
}

/** What a working link opens. */
export interface OpenedShare extends Pick<Share, 'shareId' | 'contents' | 'expiresAt'> {
  organizationId: OrganizationId;
  organizationName: string;
  region: Region;
  recordingId: RecordingId;
}

const select = `SELECT s.share_id AS "shareId", s.name, s.contents,
    coalesce(a.display_name, a.email) AS "createdByName", s.created_at AS "createdAt", s.expires_at AS "expiresAt",
    s.openings, s.last_opened_at AS "lastOpenedAt"
  FROM app.shares s JOIN app.accounts a ON a.account_id = s.created_by`;
const works = 's.ended_at IS NULL AND s.expires_at > now()';

/** The caller has looked whether there is such a recording. */
export async function create(
  tx: Tx,
  share: {
    recordingId: RecordingId;
    name: string;
    contents: ShareContents;
    tokenHash: Buffer;
    createdBy: AccountId;
    lifetimeMs: number;
  },
): Promise<Share> {
  const { recordingId, name, contents, tokenHash, createdBy, lifetimeMs } = share;
  const { shareId } = await tx.one<{ shareId: ShareId }>(
    `INSERT INTO app.shares (recording_id, name, contents, token_hash, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond') RETURNING share_id AS "shareId"`,
    [recordingId, name, contents, tokenHash, createdBy, lifetimeMs],
  );
  return tx.one(`${select} WHERE s.share_id = $1`, [shareId]);
}

/** Those that work, the newest first. */
export const ofRecording = (tx: Tx, recordingId: RecordingId): Promise<Share[]> =>
  tx.query(`${select} WHERE s.recording_id = $1 AND ${works} ORDER BY s.created_at DESC, s.share_id`, [
    recordingId,
  ]);

/** @returns false when it was ended before, or the recording has none such */
export async function end(tx: Tx, recordingId: RecordingId, shareId: ShareId): Promise<boolean> {
  const ended = await tx.change(
    'UPDATE app.shares SET ended_at = now() WHERE recording_id = $1 AND share_id = $2 AND ended_at IS NULL',
    [recordingId, shareId],
  );
  return ended === 1;
}

/** @returns null when the secret in scope is nobody's, or its link has ended */
export const open = (tx: Tx<CapabilityScope>): Promise<OpenedShare | null> =>
  tx.first(
    `SELECT s.share_id AS "shareId", s.contents, s.expires_at AS "expiresAt", s.recording_id AS "recordingId",
       o.organization_id AS "organizationId", o.name AS "organizationName", o.region
     FROM app.shares s JOIN app.organizations o USING (organization_id)
     WHERE s.token_hash = $1 AND ${works} AND o.state = 'active'`,
    [tx.scope.capability.hash],
  );

export async function countOpening(tx: Tx, shareId: ShareId): Promise<void> {
  await tx.change(
    'UPDATE app.shares SET openings = openings + 1, last_opened_at = now() WHERE share_id = $1',
    [shareId],
  );
}
