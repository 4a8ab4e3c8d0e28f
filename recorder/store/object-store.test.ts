import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { createBucket } from '../../test/support/s3-server.ts';
import { FilesystemStore } from './filesystem.ts';
import { BodyDamaged, ObjectMissing, type ObjectStore, StoreConflict } from './object-store.ts';
import { S3Store } from './s3.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
/** More than two parts of an upload in parts. */
const LARGE_BYTES = 33 * 2 ** 20 + 5;

for (const kind of ['filesystem', 'S3'] as const) {
  describe(`the object store, ${kind}`, () => {
    let directory: string;
    let store: ObjectStore;

    before(async function () {
      this.timeout(120_000);
      directory = await mkdtemp(join(tmpdir(), 'cratersync-store-'));
      store =
        kind === 'S3'
          ? new S3Store(await createBucket())
          : await FilesystemStore.open(join(directory, 'store'));
    });
    after(async () => {
      await store.close();
      await rm(directory, { recursive: true });
    });

    const put = (key: string, bytes: Uint8Array) => store.put(key, bytes, sha256(bytes));
    const read = async (key: string, range?: { start: number; end: number }) =>
      buffer(await store.get(key, range));

    it('gives back what it was given, whatever its size', async () => {
      for (const size of [0, 1, 65_535, 65_536, 3_000_000]) {
        const bytes = randomBytes(size);
        expect(await put(`sizes/${size}`, bytes)).to.equal('stored');
        expect((await read(`sizes/${size}`)).equals(bytes), String(size)).to.equal(true);
        expect(await store.head(`sizes/${size}`)).to.deep.equal({ bytes: size });
      }
    });

    it('stores a large file, which a reader finds whole', async function () {
      this.timeout(120_000);
      const bytes = randomBytes(LARGE_BYTES);
      const path = join(directory, 'large');
      await writeFile(path, bytes);
      const body = { path, bytes: bytes.length };
      expect(await store.put('large/one', body, sha256(bytes))).to.equal('stored');
      expect(await store.put('large/one', body, sha256(bytes))).to.equal('already-there');
      expect(sha256(await read('large/one'))).to.equal(sha256(bytes));
      const other = Buffer.from(bytes).fill(1, 20e6, 20e6 + 1);
      expect(await caught(put('large/one', other))).to.be.instanceOf(StoreConflict);
    });

    it('takes the same bytes again, and never others under the same key', async () => {
      const bytes = randomBytes(1000);
      await put('again', bytes);
      expect(await put('again', bytes)).to.equal('already-there');
      for (const other of [randomBytes(1000), bytes.subarray(1), Buffer.alloc(0)])
        expect(await caught(put('again', other))).to.be.instanceOf(StoreConflict);
      expect((await read('again')).equals(bytes)).to.equal(true);
    });

    it('of ten that want the same key at the same time, one wins and its bytes stay', async () => {
      for (let round = 0; round < 5; round += 1) {
        const bodies = Array.from({ length: 10 }, () => randomBytes(20_000));
        const outcomes = await Promise.all(bodies.map(body => put(`race/${round}`, body).catch(String)));
        const winners = bodies.filter((_, index) => outcomes[index] === 'stored');
        expect(winners.length, outcomes.join(' ')).to.equal(1);
        expect((await read(`race/${round}`)).equals(winners[0] ?? Buffer.alloc(0))).to.equal(true);
      }
      const body = randomBytes(20_000);
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => put('race/same', body)));
      expect(outcomes.filter(outcome => outcome === 'stored').length).to.equal(1);
    });

    it('refuses a file that is not what its checksum says, and keeps nothing of it', async () => {
      const path = join(directory, 'damaged');
      const other = sha256(randomBytes(3));
      await writeFile(path, randomBytes(1000));
      const small = { path, bytes: 1000 };
      expect(await caught(store.put('damaged/small', small, other))).to.be.instanceOf(BodyDamaged);
      const large = randomBytes(LARGE_BYTES);
      await writeFile(path, large);
      const body = { path, bytes: large.length };
      expect(await caught(store.put('damaged/large', body, other))).to.be.instanceOf(BodyDamaged);
      await truncate(path, LARGE_BYTES - 1);
      expect(await caught(store.put('damaged/cut', body, sha256(large)))).to.be.instanceOf(BodyDamaged);
      expect(await Array.fromAsync(store.list('damaged/'))).to.deep.equal([]);
    });

    it('gives parts of an object, also where they end behind it', async () => {
      const bytes = randomBytes(100_000);
      await put('ranges', bytes);
      for (const [start, end] of [
        [0, 0],
        [0, 191],
        [5, 99_998],
        [99_999, 99_999],
        [99_990, 200_000],
      ] as const)
        expect((await read('ranges', { start, end })).equals(bytes.subarray(start, end + 1))).to.equal(true);
      expect((await read('ranges', { start: 100_000, end: 100_005 })).length).to.equal(0);
    });

    it('lists by prefix, in order, across pages, with sizes', async function () {
      this.timeout(120_000);
      const names = Array.from({ length: 1005 }, (_, index) => `many/${String(index).padStart(5, '0')}`);
      const left = names.values();
      const lane = async () => {
        for (const name of left) await put(name, Buffer.from(name));
      };
      await Promise.all(Array.from({ length: 16 }, lane));
      await put('many-others', Buffer.from('x'));
      const listed = await Array.fromAsync(store.list('many/'));
      expect(listed).to.deep.equal(names.map(key => ({ key, bytes: key.length })));
      expect(await Array.fromAsync(store.traces('many/'))).to.deep.equal(names);
      expect(await Array.fromAsync(store.list('many/0000'))).to.deep.equal(listed.slice(0, 10));
      expect(await Array.fromAsync(store.list('nothing/'))).to.deep.equal([]);
      expect(await Array.fromAsync(store.traces('nothing/'))).to.deep.equal([]);
    });

    it('says that an object is missing, and deletes what is there', async () => {
      expect(await store.head('gone')).to.equal(null);
      expect(await caught(store.get('gone'))).to.be.instanceOf(ObjectMissing);
      await store.delete('gone');
      await put('gone', Buffer.from('a'));
      await put('gone-too', Buffer.from('b'));
      await store.delete('gone');
      expect(await store.head('gone')).to.equal(null);
      expect(await store.head('gone-too')).to.deep.equal({ bytes: 1 });
      expect(await put('gone', Buffer.from('c'))).to.equal('stored');
    });

    it('passes its own check, which leaves nothing', async () => {
      await store.check();
      expect(await Array.fromAsync(store.list('probes/'))).to.deep.equal([]);
    });
  });
}
