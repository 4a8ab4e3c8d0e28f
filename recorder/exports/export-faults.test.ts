import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { deletions, exports, inOrganization } from '@cratersync/db';
import { type ExportContent, errors } from '@cratersync/signaling/protocol';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { createBucket } from '../../test/support/s3-server.ts';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { KeysUnavailable } from '../keys/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import { expireExport } from './expire-export.ts';
import { ExportScene, noise, sha256Of } from './fixtures/export-scene.ts';
import { openExport } from './open/index.ts';
import { PART_BYTES } from './parts.ts';
import type { ExportPlace } from './place.ts';

/** So that there are two parts, and a file lies in both. */
const LARGE = PART_BYTES + 1_000_000;

/** A key is used at once; a passphrase takes a second each time. */
const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
const unlock = { identities: [identity] };

/** The same, but for some of what it does. */
const but = <T extends object>(target: T, change: Partial<T>): T =>
  new Proxy(target, {
    get(object, name) {
      const changed = Reflect.get(change, name) as unknown;
      if (changed !== undefined) return changed;
      const value = Reflect.get(object, name) as unknown;
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });

describe('an export, when something fails', function () {
  this.timeout(240_000);
  let scene: ExportScene;
  beforeEach(async () => {
    scene = await ExportScene.open();
  });
  afterEach(() => scene.close());

  const order = (what: ExportContent) => scene.order(what, { recipient });
  const openIt = async (place: ExportPlace) => {
    const to = join(await mkdtemp(join(scene.directory, 'opened-')), 'export');
    return openExport(await scene.download(place), unlock, { to });
  };
  const hashOf = async (folder: string, ending: string) => {
    const name = (await readdir(folder, { recursive: true })).find(each => each.endsWith(ending));
    return await sha256Of(join(folder, name ?? ''));
  };

  it('killed at any step, goes on and gives the same; two workers at once give one', async () => {
    const flac = noise(LARGE);
    await scene.record({ flac });
    let expected = '';
    let place: ExportPlace;
    const steps = await killedAtEveryStep(
      async mortal => {
        place = await order('stems');
        const { store, keys, sealer, db } = scene;
        const worker = { store: mortal(store), keys: mortal(keys), sealer: mortal(sealer) };
        await scene.write(place, { ...worker, db: mortal(db.worker) });
      },
      async death => {
        const between = await scene.row(place);
        expect(between?.state, `death ${death}`).to.be.oneOf(['waiting', 'running', 'ready']);
        await Promise.all([scene.write(place), scene.write(place)].map(each => each.catch(() => null)));
        await scene.write(place);
        expect(await scene.row(place), `death ${death}`).to.deep.include({
          state: 'ready',
          parts: 2,
          secret: null,
        });
        const opened = await openIt(place);
        const hash = await hashOf(opened.folder, '.flac');
        if (expected === '') expected = hash;
        expect(hash, `death ${death}`).to.equal(expected);
        expect(await scene.keysInStore()).to.have.length(2);
        await scene.db.owner.query(`UPDATE app.exports SET expires_at = now() - interval '1 h'`);
        while ((await expireExport({ ...scene.options, confirmMs: 0 }, place)) !== null);
        expect(await scene.keysInStore()).to.deep.equal([]);
      },
    );
    expect(steps).to.be.greaterThan(15);
  });

  it('waits for a store, a key store and a database that are away, says so, and goes on', async () => {
    await scene.record({ flac: noise(1000) });
    const place = await order('stems');
    const away = { store: new StoreUnavailable('away'), keys: new KeysUnavailable('away') };
    const broken = (error: Error) => async () => {
      throw error;
    };
    const stores = [
      { store: but(scene.store, { put: broken(away.store) }) },
      { store: but(scene.store, { get: broken(away.store) }) },
      { keys: but(scene.keys, { sessionKey: broken(away.keys) }) },
    ];
    for (const change of stores) {
      const thrown = await scene.write(place, change).catch((error: unknown) => error);
      expect(Object.values(away)).to.include(thrown);
      const row = await scene.row(place);
      expect(row?.state).to.equal('running');
      expect(row?.note).to.match(/store is not reachable\. It goes on by itself/);
    }
    expect(await scene.write(place)).to.equal(null);
    expect(await scene.row(place)).to.deep.include({ state: 'ready', note: null });
    await openIt(place);
  });

  it('fails for good, and leaves nothing, when the queue gives up, or its secret does not open', async () => {
    const place = await order('stems');
    const keysAway = but(scene.keys, {
      sessionKey: async () => {
        throw new KeysUnavailable('away');
      },
    });
    await scene.record({ flac: noise(1000) });
    await scene.write(place, { keys: keysAway }, { lastAttempt: true });
    expect(await scene.row(place)).to.deep.include({ state: 'failed', secret: null });
    expect(await scene.keysInStore()).to.deep.equal([]);
    const other = await order('stems');
    await scene.db.owner.query(`UPDATE app.exports SET secret = '\\x00' WHERE export_id = $1`, [
      other.exportId,
    ]);
    await scene.write(other);
    expect((await scene.row(other))?.note).to.match(/Order a new one/);
  });

  it('waits for stems that are still being made', async () => {
    await scene.record({ flac: noise(1000) });
    await scene.db.owner.query(`UPDATE app.stems SET state = 'rendering'`);
    const place = await order('stems');
    expect(await scene.write(place)).to.equal(30_000);
    expect((await scene.row(place))?.note).to.match(/It waits for 01-/);
    await scene.db.owner.query(`UPDATE app.stems SET state = 'ready'`);
    expect(await scene.write(place)).to.equal(null);
  });

  it('leaves out, and names, what is deleted before it is reached or while it is written', async () => {
    const early = await scene.record({ flac: noise(1000) });
    const late = await scene.record({ flac: noise(1000) });
    const { organizationId, accountId } = scene.tenant;
    const remove = (id: typeof early) =>
      inOrganization(scene.db.app, organizationId, tx =>
        deletions.request(tx, id, { requestedBy: accountId, graceMs: 0 }),
      );
    const place = await order('recordings');
    const keys = but(scene.keys, {
      sessionKey: async (context, recordingId) => {
        if (recordingId === late) throw errors.erased();
        return scene.keys.sessionKey(context, recordingId);
      },
    });
    const store = but(scene.store, {
      head: async key => {
        if (key.includes(early)) await remove(early);
        return scene.store.head(key);
      },
    });
    await scene.write(place, { keys, store });
    const opened = await openIt(place);
    const reasons = Object.fromEntries(
      opened.leftOut.map(({ recordingId, reason }) => [recordingId, reason]),
    );
    expect(reasons[early]).to.match(/deleted while this export was made/);
    expect(reasons[late]).to.match(/erased/);
    expect(opened.recordings).to.equal(0);
    expect(opened.dropped.length).to.be.greaterThan(1);
    expect(opened.dropped.every(({ path }) => path.includes(early))).to.equal(true);
  });

  it('leaves nothing when it is cancelled, before it begins or in the midst of it', async () => {
    await scene.record({ flac: noise(LARGE) });
    const place = await order('stems');
    const cancel = () =>
      inOrganization(scene.db.app, scene.tenant.organizationId, tx => exports.cancel(tx, place.exportId));
    let parts = 0;
    const read: Readable[] = [];
    const store = but(scene.store, {
      put: async (key, body, sha256Hex) => {
        if (key.includes('/parts/')) parts += 1;
        if (parts === 1) await cancel();
        return scene.store.put(key, body, sha256Hex);
      },
      get: async (key, range) => {
        const bytes = await scene.store.get(key, range);
        read.push(bytes);
        return bytes;
      },
    });
    expect(await scene.write(place, { store })).to.equal(null);
    expect(read.map(({ destroyed }) => destroyed)).not.to.include(false);
    expect(await scene.row(place)).to.deep.include({ state: 'cancelled', secret: null });
    expect(await scene.keysInStore()).to.deep.equal([]);
    const unbegun = await order('stems');
    await inOrganization(scene.db.app, scene.tenant.organizationId, tx =>
      exports.cancel(tx, unbegun.exportId),
    );
    expect(await scene.write(unbegun)).to.equal(null);
    expect(await scene.keysInStore()).to.deep.equal([]);
  });

  it('is deleted when it has lain long enough, and not because a clock was set wrong for a while', async () => {
    const place = await order('stems');
    await scene.write(place);
    const setEnd = (interval: string) =>
      scene.db.owner.query('UPDATE app.exports SET expires_at = now() + $1::interval', [interval]);
    const expire = (confirmMs: number) => expireExport({ ...scene.options, confirmMs }, place);
    expect(await expire(60_000)).to.be.within(6.9 * 24 * 3_600_000, 7 * 24 * 3_600_000);
    await setEnd('-1 h');
    expect(await expire(60_000)).to.equal(60_000);
    await setEnd('1 h');
    expect(await expire(60_000)).to.be.greaterThan(3_000_000);
    expect(await scene.keysInStore()).to.have.length(1);
    await setEnd('-1 h');
    expect(await expire(0)).to.equal(0);
    expect(await expire(0)).to.equal(null);
    expect(await scene.row(place)).to.deep.include({ state: 'expired' });
    expect(await scene.keysInStore()).to.deep.equal([]);
  });
});

describe('an export in a real S3 server', function () {
  this.timeout(240_000);

  it('is written in parts, read in part, and opens', async () => {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = await createBucket();
    const scene = await ExportScene.open({
      ...{ S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: bucket },
      ...{ S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey },
    });
    await scene.record({ flac: noise(LARGE) });
    const place = await scene.order('recordings', { recipient });
    await scene.write(place);
    const second = await scene.order('stems', { recipient });
    await scene.write(second);
    expect((await scene.row(second))?.parts).to.equal(2);
    for (const each of [place, second]) {
      const to = join(scene.directory, `opened-${each.exportId}`);
      await openExport(await scene.download(each), unlock, { to });
    }
    await scene.close();
  });
});
