import { randomBytes, randomUUID } from 'node:crypto';
import { type Database, inOrganization, invitations, participants, recordings } from '@cratersync/db';
import type { Stack } from '@cratersync/infra/dev';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import { storeRecording, type TestTrack } from '@cratersync/recorder/testing';
import {
  type AccountId,
  organizationId as asOrganizationId,
  recordingId as asRecordingId,
  sessionId as asSessionId,
  type ParticipantId,
  type RecordingId,
} from '@cratersync/signaling/protocol';

/**
 * Puts a recording into a running stack's store and database, as a recorder and signaling would have left it: complete,
 * and its stems ordered. `names[n]` is person n of the tracks.
 */
export async function finishedRecording(
  stack: Stack,
  database: Database,
  {
    sessionId,
    names,
    tracks,
    seconds,
  }: { sessionId: string; names: string[]; tracks: TestTrack[]; seconds: number },
): Promise<RecordingId> {
  const recordingId = asRecordingId.parse(randomUUID());
  const session = asSessionId.parse(sessionId);
  const { rows } = await database.pool.query(
    'SELECT organization_id AS organization, created_by AS owner FROM app.sessions WHERE session_id = $1',
    [sessionId],
  );
  const organizationId = asOrganizationId.parse(rows[0]?.organization);
  const createdBy = rows[0]?.owner as AccountId;
  const identity = { organizationId, sessionId: session, recordingId };
  const people = await inOrganization(database, organizationId, async tx => {
    const invitation = { sessionId: session, tokenHash: randomBytes(32), createdBy, lifetimeMs: 60_000 };
    const { invitationId } = await invitations.create(tx, invitation);
    const seated: ParticipantId[] = [];
    for (const displayName of names) {
      const seat = { sessionId: session, invitationId, displayName };
      const { participantId } = await participants.seatGuest(tx, {
        ...seat,
        credentialHash: randomBytes(32),
      });
      seated.push(participantId);
    }
    return seated;
  });
  const keys = await openKeys({ DATA_DIR: stack.dataDir });
  const store = await openStore({ DATA_DIR: stack.dataDir });
  const sessionKey = await keys.createSessionKey(identity, recordingId);
  const { merkleRoot, tracks: stored } = await storeRecording(
    store,
    sessionKey,
    identity,
    people,
    tracks,
    seconds * 1e6,
  );
  await store.close();
  await inOrganization(database, organizationId, async tx => {
    await recordings.insert(tx, {
      recordingId,
      sessionId: session,
      startedAt: new Date('2026-03-01T13:45:10Z'),
    });
    const done = {
      recordingId,
      durationMs: seconds * 1000,
      manifestKey: 'manifest',
      merkleRoot,
      tracks: stored,
    };
    await recordings.finalize(tx, done);
  });
  return recordingId;
}
