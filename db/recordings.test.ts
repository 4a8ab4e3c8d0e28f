import { randomUUID } from 'node:crypto';
import {
  type AppError,
  recordingId as asRecordingId,
  trackId as asTrackId,
  type RecordingId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { inOrganization, type Tx } from './database.ts';
import * as participants from './participants.ts';
import * as recordings from './recordings.ts';
import * as stems from './stems.ts';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from './testing.ts';

describe('recordings', () => {
  let test: TestDatabase;
  let tenant: Tenant;
  before(async () => {
    test = await createTestDatabase();
    tenant = await createTenant(test);
  });
  after(() => test.close());

  const scoped = <T>(work: (tx: Tx) => Promise<T>) => inOrganization(test.app, tenant.organizationId, work);
  const start = async (): Promise<RecordingId> => {
    const recordingId = asRecordingId.parse(randomUUID());
    const { sessionId } = tenant;
    await scoped(tx => recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() }));
    return recordingId;
  };
  const done = (
    recordingId: RecordingId,
    tracks: Parameters<typeof recordings.finalize>[1]['tracks'] = [],
  ) => ({
    recordingId,
    durationMs: 20_000,
    manifestKey: 'manifest',
    merkleRoot: '0'.repeat(64),
    tracks,
  });
  const jobs = async (recordingId: RecordingId) => {
    const { rows } = await test.owner.query(
      `SELECT t.identifier, j.payload FROM graphile_worker._private_jobs j
       JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE j.payload ->> 'recordingId' = $1`,
      [recordingId],
    );
    return rows;
  };

  it('are finalized once: stems by person, one job, whatever steps were missed', async () => {
    const recordingId = await start();
    const newSeat = (displayName: string, n: number) =>
      scoped(tx =>
        participants.seatGuest(tx, {
          sessionId: tenant.sessionId,
          invitationId: tenant.invitationId,
          displayName,
          credentialHash: Buffer.alloc(32, n),
        }),
      );
    const björn = await newSeat('Björn', 1);
    const twin = await newSeat('björn', 2);
    const track = (participantId: typeof björn.participantId, source: 'mic' | 'camera') => ({
      trackId: asTrackId.parse(randomUUID()),
      participantId,
      source,
    });
    const tracks = [
      track(björn.participantId, 'mic'),
      track(twin.participantId, 'mic'),
      track(björn.participantId, 'camera'),
      track(björn.participantId, 'mic'),
    ];
    expect(await scoped(tx => recordings.finalize(tx, done(recordingId, tracks)))).to.equal(true);
    expect(await scoped(tx => recordings.finalize(tx, done(recordingId, tracks)))).to.equal(false);
    const made = await scoped(tx => stems.ofRecording(tx, recordingId));
    expect(made.map(stem => stem.name)).to.deep.equal(['01-bjorn-mic', '01-bjorn-camera', '02-bjorn-mic']);
    expect(await jobs(recordingId)).to.deep.equal([
      { identifier: 'render-stems:ca', payload: { organizationId: tenant.organizationId, recordingId } },
    ]);
    const recording = await scoped(tx => recordings.byId(tx, recordingId));
    expect(recording).to.include({ state: 'complete', durationMs: 20_000, sessionTitle: 'Episode 1' });
  });

  it('that were thought lost can still be completed', async () => {
    const recordingId = await start();
    await scoped(tx => recordings.advance(tx, recordingId, 'recording'));
    await scoped(tx =>
      recordings.advance(tx, recordingId, 'incomplete', { reason: 'The recorder is gone.' }),
    );
    const lost = await scoped(tx => recordings.byId(tx, recordingId));
    expect(lost).to.include({ state: 'incomplete', reason: 'The recorder is gone.' });
    expect(
      (await scoped(tx => recordings.ofSession(tx, tenant.sessionId))).map(r => r.recordingId),
    ).to.include(recordingId);
    const startedAt = new Date('2026-01-01T00:00:05.250Z');
    const completed = { ...done(recordingId), startedAt };
    expect(await scoped(tx => recordings.finalize(tx, completed))).to.equal(true);
    expect((await scoped(tx => recordings.byId(tx, recordingId)))?.startedAt).to.deep.equal(startedAt);
    const saved = await scoped(tx => recordings.byId(tx, recordingId));
    expect(saved).to.include({ state: 'complete', reason: null });
  });

  it('that were refused before they began are not listed', async () => {
    const recordingId = await start();
    await scoped(tx => recordings.advance(tx, recordingId, 'incomplete', { reason: 'The disk is full.' }));
    const listed = await scoped(tx => recordings.ofSession(tx, tenant.sessionId));
    expect(listed.map(recording => recording.recordingId)).not.to.include(recordingId);
  });

  it('of nobody cannot be finalized, and nothing is queued for them', async () => {
    const recordingId = asRecordingId.parse(randomUUID());
    const refused = await scoped(tx => recordings.finalize(tx, done(recordingId))).catch(
      (error: AppError) => error.code,
    );
    expect(refused).to.equal('not_found');
    expect(await jobs(recordingId)).to.deep.equal([]);
  });

  it('leave nothing behind when their finalization fails half-way', async () => {
    const recordingId = await start();
    const stranger = { trackId: asTrackId.parse(randomUUID()), participantId: randomUUID(), source: 'mic' };
    const tracks = [stranger] as unknown as Parameters<typeof recordings.finalize>[1]['tracks'];
    const failure = await scoped(tx => recordings.finalize(tx, done(recordingId, tracks))).catch(
      (error: Error) => error.message,
    );
    expect(failure).to.match(/foreign key/);
    expect(await scoped(tx => recordings.byId(tx, recordingId))).to.include({ state: 'starting' });
    expect(await jobs(recordingId)).to.deep.equal([]);
  });
});
