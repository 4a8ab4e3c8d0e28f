import type {
  AccountId,
  OrganizationId,
  ParticipantId,
  RecordingId,
  Region,
  SessionId,
  State,
  StemId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { ExportTx } from './exports.ts';
import { isKept, isOne } from './recordings.ts';
import type { AccountScope } from './scope.ts';

/** What an organization or a person takes along, row by row. What is seen is for the scope to say. */

type Row = Record<string, unknown>;

/** The organization in scope, its members, and those who were. */
export async function organization(tx: Tx): Promise<{ organization: Row; members: Row[]; past: Row[] }> {
  const own = await tx.one<Row>(
    `SELECT organization_id AS "organizationId", name, region, created_at AS "createdAt" FROM app.organizations`,
  );
  const members = await tx.query<Row>(
    `SELECT m.account_id AS "accountId", a.display_name AS "displayName", a.email, m.role, m.created_at AS since,
       m.ended_at AS until
     FROM app.memberships m JOIN app.accounts a USING (account_id) ORDER BY m.created_at, m.account_id`,
  );
  const past = await tx.query<Row>(
    `SELECT account_id AS "accountId", role, began_at AS since, ended_at AS until FROM app.past_memberships
     ORDER BY began_at, account_id`,
  );
  return { organization: own, members, past };
}

/** Where a session or a recording is. */
export interface SessionPlace {
  organizationId: OrganizationId;
  sessionId: SessionId;
}
export interface RecordingPlace extends SessionPlace {
  recordingId: RecordingId;
}

export const sessions = (tx: ExportTx): Promise<SessionPlace[]> =>
  tx.query(
    `SELECT organization_id AS "organizationId", session_id AS "sessionId" FROM app.sessions
     ORDER BY created_at, session_id`,
  );

/** Those that nobody has deleted. */
export const recordings = (tx: ExportTx): Promise<RecordingPlace[]> =>
  tx.query(
    `SELECT r.organization_id AS "organizationId", r.session_id AS "sessionId", r.recording_id AS "recordingId"
     FROM app.recordings r WHERE ${isOne} AND ${isKept} ORDER BY r.started_at, r.recording_id`,
  );

/** @returns those of them that are there */
export async function kept(tx: ExportTx, recordingIds: readonly RecordingId[]): Promise<RecordingId[]> {
  const rows = await tx.query<{ recordingId: RecordingId }>(
    `SELECT r.recording_id AS "recordingId" FROM app.recordings r WHERE r.recording_id = ANY ($1) AND ${isKept}`,
    [recordingIds],
  );
  return rows.map(({ recordingId }) => recordingId);
}

export interface PortableParticipant {
  participantId: ParticipantId;
  accountId: AccountId | null;
  displayName: string;
  role: string;
  state: string;
  createdAt: Date;
}

/** A session, who was in it, and its recordings with what is named in them. */
export async function session(
  tx: ExportTx,
  { organizationId, sessionId }: SessionPlace,
): Promise<{ session: Row; participants: PortableParticipant[]; recordings: Row[] } | null> {
  const where = 'organization_id = $1 AND session_id = $2';
  const key = [organizationId, sessionId];
  const found = await tx.first<Row>(
    `SELECT organization_id AS "organizationId", session_id AS "sessionId", title, state, created_at AS "createdAt",
       starts_at AS "startsAt" FROM app.sessions WHERE ${where}`,
    key,
  );
  if (found === null) return null;
  const participants = await tx.query<PortableParticipant>(
    `SELECT participant_id AS "participantId", account_id AS "accountId", display_name AS "displayName", role, state,
       created_at AS "createdAt" FROM app.participants WHERE ${where} ORDER BY created_at, participant_id`,
    key,
  );
  const recorded = await tx.query<Row>(
    `SELECT r.recording_id AS "recordingId", r.state, r.started_at AS "startedAt", r.duration_ms AS "durationMs",
       r.reason, r.merkle_root AS "merkleRoot",
       ARRAY(SELECT json_build_object('markerId', m.marker_id, 'atMs', m.at_ms, 'name', m.name, 'madeBy', m.made_by)
         FROM app.markers m WHERE m.organization_id = r.organization_id AND m.recording_id = r.recording_id
         ORDER BY m.at_ms, m.marker_id) AS markers,
       ARRAY(SELECT json_build_object('stemId', t.stem_id, 'participantId', t.participant_id, 'source', t.source,
           'name', t.name, 'state', t.state, 'durationMs', t.duration_ms, 'note', t.note)
         FROM app.stems t WHERE t.organization_id = r.organization_id AND t.recording_id = r.recording_id
         ORDER BY t.position) AS stems
     FROM app.recordings r WHERE r.organization_id = $1 AND r.session_id = $2 AND ${isOne} AND ${isKept}
     ORDER BY r.started_at, r.recording_id`,
    key,
  );
  return { session: found, participants, recordings: recorded };
}

export interface PortableStem {
  stemId: StemId;
  name: string;
  state: State<'stem'>;
  note: string | null;
  files: { format: string; objectKey: string; bytes: number }[];
}

/** A recording and the stems of it that are to be seen. @returns null when it is not there (any more) */
export async function recording(
  tx: ExportTx,
  { organizationId, recordingId }: RecordingPlace,
): Promise<{
  state: State<'recording'>;
  startedAt: Date;
  region: Region;
  stems: PortableStem[];
} | null> {
  const key = [organizationId, recordingId];
  const found = await tx.first<{ state: State<'recording'>; startedAt: Date; region: Region }>(
    `SELECT r.state, r.started_at AS "startedAt", o.region
     FROM app.recordings r JOIN app.organizations o USING (organization_id)
     WHERE r.organization_id = $1 AND r.recording_id = $2 AND ${isKept}`,
    key,
  );
  if (found === null) return null;
  const stems = await tx.query<PortableStem>(
    `SELECT t.stem_id AS "stemId", t.name, t.state, t.note,
       coalesce((SELECT json_agg(json_build_object('format', f.format, 'objectKey', f.object_key, 'bytes', f.bytes))
         FROM app.stem_files f WHERE f.organization_id = t.organization_id AND f.stem_id = t.stem_id), '[]') AS files
     FROM app.stems t WHERE t.organization_id = $1 AND t.recording_id = $2 ORDER BY t.position`,
    key,
  );
  return { ...found, stems };
}

/** The account in scope: who they are, where they sign in, and where they belong or have belonged. */
export async function account(tx: Tx<AccountScope>): Promise<Record<string, Row | Row[]>> {
  const { accountId } = tx.scope;
  const own = (text: string) => tx.query<Row>(text, [accountId]);
  const [account = {}] = await own(
    `SELECT account_id AS "accountId", email, display_name AS "displayName", time_zone AS "timeZone", language,
       created_at AS "createdAt" FROM app.accounts WHERE account_id = $1`,
  );
  return {
    account,
    memberships: await own(
      `SELECT m.organization_id AS "organizationId", o.name AS "organizationName", m.role, m.created_at AS since,
         m.ended_at AS until
       FROM app.memberships m JOIN app.organizations o USING (organization_id) WHERE m.account_id = $1
       ORDER BY m.created_at, m.organization_id`,
    ),
    pastMemberships: await own(
      `SELECT organization_id AS "organizationId", role, began_at AS since, ended_at AS until
       FROM app.past_memberships WHERE account_id = $1 ORDER BY began_at, organization_id`,
    ),
    devices: await own(
      `SELECT device_id AS "deviceId", label, created_at AS "firstSeenAt" FROM app.devices WHERE account_id = $1
       ORDER BY created_at, device_id`,
    ),
    signIns: await own(
      `SELECT device_id AS "deviceId", created_at AS "signedInAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt"
       FROM app.web_sessions WHERE account_id = $1 ORDER BY created_at`,
    ),
    passkeys: await own(
      `SELECT label, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM app.passkeys WHERE account_id = $1
       ORDER BY created_at`,
    ),
  };
}

/** What the account in scope did, a page at a time, the oldest first. */
export const ownAudit = (
  tx: Tx<AccountScope>,
  { skip, limit }: { skip: number; limit: number },
): Promise<Row[]> =>
  tx.query(
    `SELECT organization_id AS "organizationId", sequence, at, action, target_kind AS "targetKind",
       target_id AS "targetId", details, address FROM app.audit_entries
     WHERE actor_kind = 'account' AND actor_id = $1 ORDER BY at, organization_id, sequence LIMIT $2 OFFSET $3`,
    [tx.scope.accountId, limit, skip],
  );

export const ownAuditCount = async (tx: Tx<AccountScope>): Promise<number> => {
  const { count } = await tx.one<{ count: number }>(
    `SELECT count(*)::int AS count FROM app.audit_entries WHERE actor_kind = 'account' AND actor_id = $1`,
    [tx.scope.accountId],
  );
  return count;
};
