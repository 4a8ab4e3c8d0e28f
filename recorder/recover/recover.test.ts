import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inOrganization, participants, recordings, stems } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import type { RecordingId, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { type Manifest, objectKeys } from '../format/index.ts';
import { type Keys, openKeys } from '../keys/index.ts';
import { openRecording } from '../reader.ts';
import { MemorySink } from '../stems/fixtures/recording.ts';
import { renderStem } from '../stems/render-stem.ts';
import { survey } from '../stems/survey.ts';
import { type ObjectStore, openStore } from '../store/index.ts';
import { type Person, RecorderScene } from './fixtures/recorded.ts';

const program = join(import.meta.dirname, '../../infra/cli/cratersync.js');

describe('recovering a recording from the store alone', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let tenant: Tenant;
  let dataDir: string;
  let store: ObjectStore;
  let keys: Keys;
  let scene: RecorderScene;
  let recordingId: RecordingId;
  let people: Person[];

  before(async () => {
    database = await createTestDatabase();
    tenant = await createTenant(database);
  });
  after(() => database.close());

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-recover-'));
    store = await openStore({ DATA_DIR: dataDir });
    keys = await openKeys({ DATA_DIR: dataDir });
    scene = await RecorderScene.open({ dataDir, store, keys });
    recordingId = randomUUID() as RecordingId;
    const other = await inTenant(tx =>
      participants.seatGuest(tx, {
        sessionId: tenant.sessionId,
        invitationId: tenant.invitationId,
        displayName: 'Bob',
        credentialHash: randomBytes(32),
      }),
    );
    people = [tenant.guestId, other.participantId].map(participantId => ({
      participantId,
      trackId: randomUUID() as TrackId,
    }));
    await inTenant(tx =>
      recordings.insert(tx, { recordingId, sessionId: tenant.sessionId, startedAt: new Date(0) }),
    );
  });
  afterEach(async () => {
    await scene.close();
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  const inTenant = <T>(work: Parameters<typeof inOrganization<T>>[2]) =>
    inOrganization(database.app, tenant.organizationId, work);
  const row = () => inTenant(tx => recordings.byId(tx, recordingId));
  const fileOf = (key: string | undefined) => join(dataDir, 'store', key ?? '');

  /** Two people, one after the other, over more than one chunk. The recorder ends it, if it is stopped. */
  async function record({ stopped }: { stopped: boolean }): Promise<void> {
    const { organizationId, sessionId } = tenant;
    await scene.begin({ organizationId, sessionId, recordingId });
    const [first, second] = people;
    if (first === undefined || second === undefined) throw new Error('there are two people');
    await scene.play(recordingId, first, 12);
    await scene.play(recordingId, second, 3);
    if (stopped) await scene.stop(recordingId);
    else for (const person of people) await scene.leave(recordingId, person);
  }

  async function finalizeInDatabase({ durationUs, merkleRoot, tracks }: Manifest): Promise<void> {
    const manifestKey = objectKeys.manifest(recordingId);
    const done = { recordingId, durationMs: durationUs / 1000, manifestKey, merkleRoot, tracks };
    await inTenant(tx => recordings.finalize(tx, done));
  }

  let env: NodeJS.ProcessEnv = {};
  afterEach(() => {
    env = {};
  });
  async function cratersync(...args: string[]) {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, DATABASE_URL: database.appUrl, ...env },
    });
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, out, err };
  }

  const open = () => openRecording(store, keys, { ...tenant, recordingId });

  /** SHA-256 of every file of every stem. */
  async function renderAll(): Promise<Record<string, string>> {
    const reader = await open();
    const hashes: Record<string, string> = {};
    for (const stem of await survey(reader)) {
      const sinks = new Map<string, MemorySink>();
      const sinkFor = async (format: string) => {
        const sink = new MemorySink();
        sinks.set(format, sink);
        return sink;
      };
      const task = { reader, stem, name: '01-person-mic', onProgress: () => undefined };
      await renderStem(task, sinkFor);
      for (const [format, { bytes }] of sinks)
        hashes[`${stem.participantId}.${format}`] = createHash('sha256').update(bytes).digest('hex');
    }
    return hashes;
  }

  it('gives the same manifest, the same rows and the same stems, when rows and manifest are gone', async () => {
    await record({ stopped: true });
    const { manifest } = await open();
    expect(manifest.tracks.map(({ chunks }) => chunks.length)).to.deep.equal([2, 1]);
    await finalizeInDatabase(manifest);
    const rendered = await renderAll();
    expect(Object.keys(rendered).length).to.be.greaterThan(2);
    const rowBefore = await row();
    const stemsBefore = await inTenant(tx => stems.ofRecording(tx, recordingId));
    expect((await cratersync('recover', recordingId)).out).to.contain('nothing was missing');

    await rm(fileOf(objectKeys.manifest(recordingId)));
    await database.owner.query('DELETE FROM app.stems WHERE recording_id = $1', [recordingId]);
    await database.owner.query('DELETE FROM app.recordings WHERE recording_id = $1', [recordingId]);
    const jobs = 'DELETE FROM graphile_worker._private_jobs RETURNING payload';
    await database.owner.query(jobs);
    const listed = await cratersync('recover');
    expect(listed.code).to.equal(1);
    expect(listed.out).to.contain(recordingId).and.contain('no manifest, 3 chunks').and.contain('unknown');

    const recovered = await cratersync('recover', recordingId, '--json');
    expect(recovered.err).to.equal('');
    expect(recovered.code).to.equal(0);
    const said = JSON.parse(recovered.out);
    expect(said).to.deep.include({ outcome: 'written', chunks: 3, endUnknown: false, faults: [] });
    expect(said.restored).to.deep.include({ recording: true, completed: true, session: false });

    expect((await open()).manifest).to.deep.equal(manifest);
    expect((await cratersync('verify', recordingId)).out).to.contain('All holds');
    expect(await renderAll()).to.deep.equal(rendered);
    expect(await row()).to.deep.equal({ ...rowBefore, startedAt: new Date(manifest.startedAt) });
    const names = (rows: typeof stemsBefore) => rows.map(({ name, participantId }) => [name, participantId]);
    const stemsAfter = await inTenant(tx => stems.ofRecording(tx, recordingId));
    expect(names(stemsAfter)).to.deep.equal(names(stemsBefore));
    const { rows } = await database.owner.query(jobs);
    // Beside them, that a webhook is told.
    const ordered = rows.filter(({ payload }) => !('deliveryId' in payload));
    expect(ordered.map(({ payload }) => payload.recordingId)).to.deep.equal([recordingId]);
    const again = await cratersync('recover', recordingId);
    expect(again.out).to.contain('the manifest was there').and.contain('nothing was missing');
    expect((await cratersync('recover')).code).to.equal(0);
  });

  it('makes up people and session that the database has lost, but no organization', async () => {
    await record({ stopped: true });
    await database.owner.query('DELETE FROM app.recordings WHERE recording_id = $1', [recordingId]);
    await database.owner.query('DELETE FROM app.participants WHERE participant_id = $1', [
      people[1]?.participantId,
    ]);
    const { code, out } = await cratersync('recover', recordingId);
    expect(code).to.equal(0);
    expect(out).to.contain('inserted 1 people, the recording');
    const [, unnamed] = await inTenant(tx => stems.ofRecording(tx, recordingId));
    expect(unnamed).to.include({ participantName: 'Person 2', name: '02-person-2-mic' });

    await database.owner.query('BEGIN');
    await database.owner.query('SET CONSTRAINTS ALL DEFERRED');
    await database.owner.query('DELETE FROM app.memberships WHERE organization_id = $1', [
      tenant.organizationId,
    ]);
    await database.owner.query('COMMIT');
    const refused = await cratersync('recover', recordingId);
    await inTenant(tx =>
      tx.change(`INSERT INTO app.memberships (account_id, role) VALUES ($1, 'owner')`, [tenant.accountId]),
    );
    expect(refused.code).to.equal(1);
    expect(refused.err).to.contain('Restore a backup');
  });

  it('is refused while a recorder may still finish it, unless told that its disk is lost', async () => {
    await record({ stopped: false });
    const held = await cratersync('recover', recordingId);
    expect(held.code).to.equal(1);
    expect(held.err).to.contain('The journal of this machine').and.contain('--force');
    env['RECORDER_DIR'] = join(dataDir, 'elsewhere');
    await mkdir(env['RECORDER_DIR']);
    await rename(join(dataDir, 'recorder', 'catalogue'), join(dataDir, 'elsewhere', 'catalogue'));
    const elsewhere = await cratersync('recover', recordingId);
    expect(elsewhere.err).to.contain(`The journal of this machine's recorder (${env['RECORDER_DIR']})`);
    // As if this were another machine than the recorder's.
    env = {};
    await inTenant(tx => recordings.advance(tx, recordingId, 'recording'));
    const live = await cratersync('recover', recordingId);
    expect(live.code).to.equal(1);
    expect(live.err)
      .to.contain('is recording, says the database: recorder-1 may still have it')
      .and.contain('--force');
    expect(await store.head(objectKeys.manifest(recordingId))).to.equal(null);

    const forced = await cratersync('recover', recordingId, '--force');
    expect(forced.code).to.equal(0);
    expect(forced.out).to.contain('when it was stopped is not known');
    expect((await row())?.state).to.equal('complete');
    const bytes = await readFile(fileOf(objectKeys.manifest(recordingId)));
    // The recorder was alive after all: it may not write another manifest, and gives way.
    void scene.node.handlers['recording.close']({ recordingId });
    const yielded = join(dataDir, 'store', objectKeys.yielded(recordingId, 1));
    while ((await readFile(yielded).catch(() => null)) === null) await new Promise(setImmediate);
    expect((await readFile(fileOf(objectKeys.manifest(recordingId)))).equals(bytes)).to.equal(true);
    expect((await cratersync('verify', recordingId)).code).to.equal(0);
  });

  it('keeps what holds of a recording with torn and missing chunks, and says what does not', async () => {
    await record({ stopped: true });
    const { manifest } = await open();
    const [long, short] = manifest.tracks;
    await inTenant(tx => recordings.advance(tx, recordingId, 'incomplete'));
    await rm(fileOf(objectKeys.manifest(recordingId)));
    const torn = fileOf(short?.chunks[0]?.key);
    await writeFile(torn, (await readFile(torn)).subarray(0, -100));
    await rm(fileOf(long?.chunks[0]?.key));
    const { code, out, err } = await cratersync('recover', recordingId, '--json');
    expect(err).to.equal('');
    expect(code).to.equal(1);
    const { faults, chunks } = JSON.parse(out);
    expect(chunks).to.equal(2);
    expect(faults.map(({ reason }: { reason: string }) => reason).join(' ')).to.match(
      /torn.*1 of its track are missing before it/,
    );
    expect((await cratersync('verify', recordingId)).code).to.equal(1);
    const recovered = (await open()).manifest.tracks.map(({ counters }) => counters.packetsReceived);
    expect(recovered[0]).to.be.greaterThan(0);
    expect(recovered[1]).to.be.within(100, 149);
  });

  it('says what it cannot do without: the recording, its key', async () => {
    expect((await cratersync('recover', randomUUID())).code).to.equal(1);
    await record({ stopped: true });
    await rm(fileOf(objectKeys.manifest(recordingId)));
    await keys.destroySessionKey(recordingId);
    const { code, err } = await cratersync('recover', recordingId, '--force');
    expect(code).to.equal(3);
    expect(err).to.contain('erased');
  });
});
