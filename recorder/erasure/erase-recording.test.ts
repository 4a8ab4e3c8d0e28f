import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accounts,
  audit,
  deletions,
  inOrganization,
  organizations,
  recordings,
  unscoped,
} from '@cratersync/db';
import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { createLog, Signer } from '@cratersync/infra/runtime';
import type { AccountId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { recorded, storeRecording } from '../fixtures/stored-recording.ts';
import { openKeys } from '../keys/index.ts';
import type { Keys } from '../keys/keys.ts';
import { openRecording } from '../reader.ts';
import { openStore } from '../store/index.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { eraseRecording } from './erase-recording.ts';
import { openReceipt } from './receipt.ts';

const { organizationId, sessionId, recordingId } = recorded;
const signer = new Signer('a key that is not in the database at all');
const log = createLog('test', 'silent');
const DAY_MS = 24 * 3_600_000;
/** Three chunks and the manifest. */
const OBJECTS = 4;

describe('erasing a recording', () => {
  let db: TestDatabase;
  let directory: string;
  let store: ObjectStore;
  let keys: Keys;
  let accountId: AccountId;

  beforeEach(async () => {
    db = await createTestDatabase();
    directory = await mkdtemp(join(tmpdir(), 'cratersync-erasure-'));
    store = await openStore({ DATA_DIR: directory });
    keys = await openKeys({ DATA_DIR: directory });
    accountId = (await unscoped(db.app, tx => accounts.findOrCreate(tx, 'rita@example.org'))).accountId;
    await scoped(tx => organizations.create(tx, { name: 'Moon Radio', region: 'ca', ownerId: accountId }));
    await db.owner.query(
      'INSERT INTO app.sessions (organization_id, session_id, title, created_by) VALUES ($1, $2, $3, $4)',
      [organizationId, sessionId, 'Episode 1', accountId],
    );
    await scoped(tx => recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() }));
    await scoped(tx => recordings.advance(tx, recordingId, 'recording'));
    await scoped(tx => recordings.advance(tx, recordingId, 'incomplete'));
    await storeRecording(store, keys);
  });
  afterEach(async () => {
    await store.close();
    await db.close();
    await rm(directory, { recursive: true });
  });

  const scoped = <T>(work: Parameters<typeof inOrganization<T>>[2]) =>
    inOrganization(db.app, organizationId, work);
  const deleteIt = () =>
    scoped(tx => deletions.request(tx, recordingId, { requestedBy: accountId, graceMs: DAY_MS }));
  /** What the clock of the database says is not what we wait for. */
  const setDue = (interval: string) =>
    db.owner.query('UPDATE app.deletions SET erase_after = now() + $1::interval', [interval]);
  const erase = (change: Partial<Parameters<typeof eraseRecording>[0]> = {}) =>
    eraseRecording({ db: db.worker, keys, store, signer, log, confirmMs: 0, ...change }, recorded);
  const eraseWholly = async () => {
    // The first look says that it is time, the second believes it.
    for (let looks = 0; (await erase()) !== null; looks += 1) expect(looks).to.be.lessThan(3);
  };
  const row = () => scoped(tx => deletions.byId(tx, recordingId));
  const reads = () =>
    openRecording(store, keys, recorded).then(
      () => 'opens',
      (error: { code?: string }) => error.code,
    );
  const objects = async () => (await Array.fromAsync(store.list(''))).length;

  it('hides it at once, and shows it again when that is undone', async () => {
    await deleteIt();
    expect(await scoped(tx => recordings.byId(tx, recordingId))).to.equal(null);
    expect(await scoped(tx => recordings.ofSession(tx, sessionId))).to.deep.equal([]);
    expect((await scoped(tx => recordings.list(tx, { limit: 10 }))).rows).to.deep.equal([]);
    expect(await erase()).to.be.greaterThan(DAY_MS - 60_000);
    expect(await scoped(tx => deletions.undo(tx, recordingId))).to.equal(true);
    expect(await scoped(tx => recordings.byId(tx, recordingId))).to.include({ recordingId });
    expect(await erase()).to.equal(null);
    expect([await reads(), await objects()]).to.deep.equal(['opens', OBJECTS]);
  });

  it('erases nothing early when a clock was set wrong for a while', async () => {
    await deleteIt();
    await setDue('-1 hour');
    expect(await erase({ confirmMs: 60_000 })).to.equal(60_000);
    expect(await erase({ confirmMs: 60_000 })).to.be.within(1, 60_000);
    await setDue('5 hours');
    expect(await erase()).to.be.within(4.9 * 3_600_000, 5 * 3_600_000);
    await setDue('-1 hour');
    expect(await erase({ confirmMs: 60_000 })).to.equal(60_000);
    expect([await reads(), await objects()]).to.deep.equal(['opens', OBJECTS]);
  });

  it('leaves nothing that opens: not its objects, not a copy of them, not the key', async () => {
    const key = await keys.sessionKey(recorded, recordingId);
    const copy = await mkdtemp(join(tmpdir(), 'cratersync-copy-'));
    await cp(directory, copy, { recursive: true });
    await deleteIt();
    await setDue('-1 s');
    await eraseWholly();
    expect([await reads(), await objects()]).to.deep.equal(['erased', 0]);
    // The bucket as it was, with the keys as they are.
    const old = await openStore({ DATA_DIR: copy });
    expect((await Array.fromAsync(old.list(''))).length).to.equal(OBJECTS);
    const refused = await openRecording(old, keys, recorded).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'erased' });
    await old.close();
    const { rows } = await db.owner.query('SELECT d.* FROM app.deletions d');
    expect(JSON.stringify(rows)).not.to.contain(key.toString('hex'));
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const bytes = await readFile(join(name.parentPath, name.name));
      expect(bytes.includes(key), name.name).to.equal(false);
      expect(name.name).not.to.equal(recordingId);
    }
    await rm(copy, { recursive: true });
    expect(await scoped(tx => deletions.undo(tx, recordingId))).to.equal(false);
  });

  it('writes a receipt that holds, and one that was altered does not', async () => {
    await deleteIt();
    await setDue('-1 s');
    await eraseWholly();
    const receipt = (await row())?.receipt ?? '';
    const told = openReceipt(receipt, signer.publicKey);
    expect(told).to.include({ organizationId, sessionId, recordingId, objects: OBJECTS });
    if (told.what !== 'recording') throw new Error('it tells of something else');
    expect(told.absent).to.deep.equal({ key: true, objects: true });
    expect(Date.parse(told.keyDestroyedAt)).to.be.at.most(Date.parse(told.finishedAt));
    const altered = receipt.replace('\\"objects\\":4', '\\"objects\\":5');
    expect(altered).not.to.equal(receipt);
    expect(() => openReceipt(altered, signer.publicKey)).to.throw(/altered/);
    const other = new Signer('another key that is not in the database').publicKey;
    expect(() => openReceipt(receipt, other)).to.throw(/another key/);
    expect(() => openReceipt('{}', signer.publicKey)).to.throw(/not a receipt/);
  });

  it('killed before or after any step, goes on and ends the same; two at once do it once', async () => {
    const steps = await killedAtEveryStep(
      async mortal => {
        await deleteIt();
        await setDue('-1 s');
        await erase();
        const worker = { db: mortal(db.worker), keys: mortal(keys), store: mortal(store) };
        await erase({ ...worker, signer: mortal(signer) });
      },
      async death => {
        await Promise.all([eraseWholly(), eraseWholly()]);
        expect([await reads(), await objects()], `death ${death}`).to.deep.equal(['erased', 0]);
        expect(openReceipt((await row())?.receipt ?? '', signer.publicKey).objects).to.equal(OBJECTS);
        const entries = await scoped(tx => audit.list(tx, { action: 'recording.erased' }, 100));
        expect(entries.length).to.equal(death + 1);
        await db.owner.query('DELETE FROM app.deletions');
        await storeRecording(store, keys);
      },
    );
    expect(steps).to.be.greaterThan(12);
  });
});
