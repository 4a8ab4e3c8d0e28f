import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  accounts,
  type Database,
  inOrganization,
  invitations,
  organizations,
  participants,
  recordings,
  sessions,
  stems,
  unscoped,
} from '@cratersync/db';
import type { Stack } from '@cratersync/infra/dev';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import { journal, opusInfo, storeRecording, type TestTrack, videoInfo } from '@cratersync/recorder/testing';
import {
  organizationId as asOrganizationId,
  recordingId as asRecordingId,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type SessionId,
} from '@cratersync/signaling/protocol';
import { type Clips, repeated } from './clips.ts';
import type { Figures } from './figures.ts';

const PEOPLE = 4;
const SECONDS = 600;

interface Studio {
  organizationId: OrganizationId;
  sessionId: SessionId;
  guests: ParticipantId[];
}

/**
 * Ten minutes of four people, put into the store as a recorder would have left them, completed in the database as
 * signaling does it, and rendered by the stack's own worker from its own queue.
 * @returns how long that took, s
 */
export async function measureRender(
  figures: Figures,
  stack: Stack,
  database: Database,
  clips: Clips,
): Promise<number> {
  const studio = await furnish(database);
  const { organizationId } = studio;
  const { recordingId, finalize } = await store(stack, database, studio, clips);
  const startMs = performance.now();
  await finalize();
  let [all, ready] = [Number.POSITIVE_INFINITY, 0];
  while (ready < all) {
    await delay(50);
    const rows = await inOrganization(database, organizationId, tx => stems.ofRecording(tx, recordingId));
    const failed = rows.find(({ state }) => state === 'failed');
    if (failed !== undefined) throw new Error(`a stem failed: ${failed.note}`);
    [all, ready] = [rows.length, rows.filter(({ state }) => state === 'ready').length];
  }
  const tookS = (performance.now() - startMs) / 1000;
  figures.set(
    'complete_to_last_stem_s',
    tookS,
    `${SECONDS / 60} minutes, ${PEOPLE} microphones and ${PEOPLE} cameras: ${all} stems`,
  );
  return tookS;
}

async function furnish(database: Database): Promise<Studio> {
  const organizationId = asOrganizationId.parse(randomUUID());
  const { accountId } = await unscoped(database, tx => accounts.findOrCreate(tx, 'render@example.org'));
  return inOrganization(database, organizationId, async tx => {
    await organizations.create(tx, { name: 'Bench', region: 'ca', ownerId: accountId });
    const { sessionId } = await sessions.create(tx, { title: 'Ten minutes', createdBy: accountId });
    const invitation = { sessionId, tokenHash: randomBytes(32), createdBy: accountId, lifetimeMs: 60_000 };
    const { invitationId } = await invitations.create(tx, invitation);
    const guests: ParticipantId[] = [];
    for (let person = 0; person < PEOPLE; person += 1) {
      const { participantId } = await participants.seatGuest(tx, {
        sessionId,
        invitationId,
        displayName: `Guest ${person + 1}`,
        credentialHash: randomBytes(32),
      });
      guests.push(participantId);
    }
    return { organizationId, sessionId, guests };
  });
}

async function store(stack: Stack, database: Database, studio: Studio, clips: Clips) {
  const { organizationId, sessionId, guests } = studio;
  const recordingId: RecordingId = asRecordingId.parse(randomUUID());
  const identity = { organizationId, sessionId, recordingId };
  const keys = await openKeys({ DATA_DIR: stack.dataDir });
  const objects = await openStore({ DATA_DIR: stack.dataDir });
  const sessionKey = await keys.createSessionKey(identity, recordingId);
  const manifest = await storeRecording(
    objects,
    sessionKey,
    identity,
    guests,
    tracksOf(clips),
    SECONDS * 1e6,
  );
  await objects.close();
  const finalize = () =>
    inOrganization(database, organizationId, async tx => {
      await recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() });
      await recordings.finalize(tx, {
        recordingId,
        durationMs: SECONDS * 1000,
        manifestKey: 'manifest',
        merkleRoot: manifest.merkleRoot,
        tracks: manifest.tracks,
      });
    });
  return { recordingId, finalize };
}

/** All of them send the same; it lies in memory once. */
function tracksOf({ audio, video }: Clips): TestTrack[] {
  const [mic, camera] = [opusInfo(1), videoInfo('video/VP8', 2)];
  const sound = journal(repeated(audio, SECONDS - 1), mic, { startS: 0.5 });
  const pictures = journal(repeated(video, SECONDS - 1), camera, { startS: 0.5 });
  return Array.from({ length: PEOPLE }, (_, person) => [
    { person, source: 'mic' as const, info: mic, records: sound },
    { person, source: 'camera' as const, info: camera, records: pictures },
  ]).flat();
}
