import { setTimeout as delay } from 'node:timers/promises';
import { objectKeys } from '@cratersync/recorder/format';
import { type ObjectStore, openStore } from '@cratersync/recorder/store';
import { expect } from 'chai';
import { HttpProxy } from '../support/http-proxy.ts';
import { createBucket, type TestBucket } from '../support/s3-server.ts';
import { Rig, type Session } from './rig.ts';
import { Random } from './seeds.ts';

const open = (bucket: TestBucket, endpoint: string): Promise<ObjectStore> =>
  openStore({
    DATA_DIR: '',
    S3_ENDPOINT: endpoint,
    S3_REGION: bucket.region,
    S3_BUCKET: bucket.bucket,
    S3_ACCESS_KEY_ID: bucket.accessKeyId,
    S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  });

/**
 * The recorder's own clock is the test's, the store is a real S3 server behind a proxy, and what goes over the network
 * takes the time it takes. The proxy sees what the server says to every write, so that an object written twice shows.
 */
describe('a recorder whose S3 store is in trouble', function () {
  this.timeout(120_000);
  let bucket: TestBucket;
  let proxy: HttpProxy;
  let store: ObjectStore;
  let direct: ObjectStore;
  let rig: Rig;
  let session: Session;
  /** How often the server has taken an object, by key. */
  const writes = new Map<string, number>();

  beforeEach(async () => {
    bucket = await createBucket();
    proxy = await HttpProxy.open(bucket.endpoint);
    proxy.onAnswer = ({ method, path }, status) => {
      if (method !== 'PUT' || status !== 200) return;
      const key = path.slice(`/${bucket.bucket}/`.length).split('?')[0] ?? '';
      writes.set(key, (writes.get(key) ?? 0) + 1);
    };
    store = await open(bucket, proxy.url);
    direct = await open(bucket, bucket.endpoint);
    writes.clear();
    rig = await Rig.start({ store });
    session = await rig.open();
  });
  afterEach(async () => {
    proxy.fate = () => 'pass';
    await rig.end();
    await store.close();
    await direct.close();
    await proxy.close();
  });

  async function listed(part: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of direct.list('recordings/')) if (key.includes(part)) keys.push(key);
    return keys;
  }

  const warnings = () =>
    rig.reports.filter(({ name }) => name === 'recording.warned').map(({ body }) => body.message);

  /** Every chunk of the manifest is one object, written once, and there is nothing else. */
  async function completeWithOneObjectEach() {
    await rig.finish(session);
    const { manifest } = await rig.check(session);
    const chunks = manifest.tracks.flatMap(track => track.chunks.map(({ key }) => key));
    expect(await listed('/tracks/')).to.have.members(chunks);
    for (const key of [...chunks, objectKeys.manifest(session.recordingId)])
      expect(writes.get(key), key).to.equal(1);
    expect(await rig.leftovers()).to.deep.equal([]);
    return manifest;
  }

  it('loses nothing when it is away for 10 minutes, then slow, then fails every third request', async () => {
    await rig.join(session, 'mic');
    await rig.pass(5000);
    proxy.fate = () => 'refuse';
    await rig.pass(600_000);
    expect(await listed('/tracks/')).to.deep.equal([]);
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.match(/object store/);
    proxy.fate = () => delay(100, 'pass' as const);
    await rig.until(() => rig.stored >= 40);
    proxy.fate = ({ count }) => (count % 3 === 0 ? (count % 2 === 0 ? 'overload' : 'refuse') : 'pass');
    await rig.pass(20_000);
    const { tracks, durationUs } = await completeWithOneObjectEach();
    expect(tracks[0]?.chunks.length).to.be.at.least(62);
    expect(tracks[0]?.counters.packetsReceived).to.equal(Math.ceil(durationUs / 20_000));
    expect(tracks[0]?.gaps).to.deep.equal([]);
  });

  it('has one object of each chunk though every second answer is lost, and it is killed meanwhile', async () => {
    await rig.join(session, 'mic');
    await rig.join(session, 'camera');
    proxy.fate = ({ method, count }) => (method === 'PUT' && count % 2 === 0 ? 'lose-answer' : 'pass');
    await rig.pass(12_000);
    await rig.crash(new Random(1));
    rig.clock.advance(500);
    await rig.launch();
    await rig.reopen();
    await rig.pass(12_000);
    await completeWithOneObjectEach();
  });

  it('has one object of a chunk whose every answer was lost before it was killed', async () => {
    await rig.join(session, 'mic');
    let lost = 0;
    proxy.fate = ({ method, path }) => {
      if (method !== 'PUT' || !path.includes('/tracks/')) return 'pass';
      lost += 1;
      return 'lose-answer';
    };
    await rig.pass(11_000);
    await rig.until(() => lost > 0);
    await rig.crash(new Random(2));
    proxy.fate = () => 'pass';
    rig.clock.advance(500);
    await rig.launch();
    await rig.reopen();
    await rig.pass(1000);
    await completeWithOneObjectEach();
    expect(lost).to.be.at.least(1);
  });
});
