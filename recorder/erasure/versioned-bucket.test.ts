import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { deletions } from '@cratersync/db';
import { expect } from 'chai';
import { createBucket, rawClient } from '../../test/support/s3-server.ts';
import { exportKeys } from '../exports/parts.ts';
import { objectKeys } from '../format/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { eraseRecording } from './erase-recording.ts';
import { ErasureScene, log, OBJECTS, signer } from './fixtures/erasure-scene.ts';
import { openReceipt } from './receipt.ts';

describe('erasing from a bucket with versions, in a real S3 server', function () {
  this.timeout(120_000);
  let scene: ErasureScene;
  let client: S3Client;
  let Bucket: string;

  beforeEach(async () => {
    const bucket = await createBucket();
    Bucket = bucket.bucket;
    client = rawClient(bucket);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    scene = await ErasureScene.open(2, { bucket });
    // Each object has an older version; of one of each recording only that is left, below a mark that it was deleted.
    for (const { key } of await Array.fromAsync(scene.store.list(''))) {
      await client.send(new PutObjectCommand({ Bucket, Key: key, Body: 'newer' }));
      if (key.endsWith('manifest')) await mark(key);
    }
  });
  afterEach(async () => {
    client.destroy();
    await scene.close();
  });

  const mark = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }));
  /** All versions and marks of deletions. */
  const left = async (Prefix: string) => {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix }),
    );
    return [...Versions, ...DeleteMarkers].map(({ Key }) => Key);
  };
  /** A store that deletes as a worker does which is always killed between the mark and the versions. */
  const marking = (): ObjectStore =>
    new Proxy(scene.store, {
      get(store, name) {
        if (name === 'delete') return mark;
        const value = Reflect.get(store, name) as unknown;
        return typeof value === 'function' ? value.bind(store) : value;
      },
    });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: Error) => error.message,
    );

  it('leaves no version and no mark of a recording, and signs nothing before', async () => {
    const [, other] = scene.recorded;
    const recordingId = other?.recordingId ?? scene.tenant.recordingId;
    const prefix = objectKeys.recordingPrefix(recordingId);
    const elsewhere = (await left('')).length - (await left(prefix)).length;
    expect(await left(prefix)).to.have.length(2 * OBJECTS + 1);
    const { accountId: requestedBy, organizationId } = scene.tenant;
    await scene.scoped(tx => deletions.request(tx, recordingId, { requestedBy, graceMs: 0 }));
    await scene.db.owner.query(`UPDATE app.deletions SET erase_after = now() - interval '1 s'`);
    const erase = (store = scene.store) =>
      eraseRecording(
        { db: scene.db.worker, keys: scene.keys, store, signer, log, confirmMs: 0 },
        { organizationId, recordingId },
      );
    // The first look says that it is time.
    await erase();
    expect(await failure(erase(marking()))).to.match(
      /4 objects of an erased recording are still in the store/,
    );
    expect(await scene.scoped(tx => deletions.byId(tx, recordingId))).to.include({ receipt: null });
    expect(await erase()).to.equal(null);
    expect(await left(prefix)).to.deep.equal([]);
    expect(await left('')).to.have.length(elsewhere);
    const receipt = (await scene.scoped(tx => deletions.byId(tx, recordingId)))?.receipt ?? '';
    expect(openReceipt(receipt, signer.publicKey)).to.deep.include({
      objects: OBJECTS,
      absent: { key: true, objects: true },
    });
  });

  it('leaves no version and no mark of an organization, and signs nothing before', async () => {
    const prefixes = [
      ...scene.recorded.map(({ recordingId }) => objectKeys.recordingPrefix(recordingId)),
      exportKeys.prefix(scene.tenant.exportId),
    ];
    const others = await left(objectKeys.recordingPrefix(scene.others.recordingId));
    expect(others).to.have.length(2 * OBJECTS + 1);
    await scene.deleteIt();
    await scene.setDue('-1 s');
    await scene.erase();
    expect(await failure(scene.erase({ store: marking() }))).to.match(/9 objects of an erased organization/);
    expect(await scene.row()).to.include({ receipt: null });
    await scene.eraseWholly();
    for (const prefix of prefixes) expect(await left(prefix), prefix).to.deep.equal([]);
    expect(await left('')).to.deep.equal(others);
    expect(openReceipt((await scene.row())?.receipt ?? '', signer.publicKey)).to.deep.include({
      objects: 2 * OBJECTS + 1,
      absent: { sessionKeys: true, objects: true, rows: true },
    });
  });
});
