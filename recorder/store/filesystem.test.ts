import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { FilesystemStore } from './filesystem.ts';
import { StoreUnavailable } from './object-store.ts';

const SIZE = 300_000;

describe('the filesystem store', () => {
  let directory: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-files-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  const temporaries = () => readdir(join(directory, 'store', '.incoming'));

  /** Runs a process that stores objects, and kills it once `count` are acknowledged. @returns their keys */
  async function killAfter(count: number): Promise<string[]> {
    const program = join(import.meta.dirname, 'fixtures', 'put-for-ever.ts');
    const running = spawn(process.execPath, [program, directory, String(SIZE)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = running;
    const exited = once(running, 'exit');
    const keys: string[] = [];
    for await (const key of createInterface({ input: running.stdout })) {
      keys.push(key);
      if (keys.length === count) running.kill('SIGKILL');
    }
    await exited;
    return keys;
  }

  it('killed in the midst of storing: has all that it acknowledged, nothing torn, and no litter', async () => {
    let litter = 0;
    for (const count of [1, 7, 20, 33, 48, 70]) {
      const acknowledged = await killAfter(count);
      litter += (await temporaries()).length;
      const store = await FilesystemStore.open(join(directory, 'store'));
      expect(await temporaries()).to.deep.equal([]);
      const listed = await Array.fromAsync(store.list(''));
      expect(listed.map(({ key }) => key)).to.include.members(acknowledged);
      for (const { key } of listed) {
        const expected = Buffer.alloc(SIZE, `object ${key.split('/')[1]} `);
        expect((await buffer(await store.get(key))).equals(expected), key).to.equal(true);
      }
      await rm(join(directory, 'store', 'objects'), { recursive: true });
    }
    // Otherwise nothing was swept, and this test shows less than it says.
    expect(litter).to.be.greaterThan(0);
  });

  it('leaves the temporary files of a process that still runs alone', async () => {
    await FilesystemStore.open(join(directory, 'store'));
    await writeFile(join(directory, 'store', '.incoming', `${process.pid}.mine`), 'half');
    await FilesystemStore.open(join(directory, 'store'));
    expect(await temporaries()).to.deep.equal([`${process.pid}.mine`]);
  });

  it('lets no key out of its directory', async () => {
    const store = await FilesystemStore.open(join(directory, 'store'));
    for (const key of ['../x', 'a/../../x', '/etc/passwd', 'a//b', '.incoming/x', 'a/', '']) {
      const error = await store.head(key).catch((thrown: unknown) => thrown);
      expect(error, key).to.be.instanceOf(RangeError);
    }
  });

  it('says what is wrong with its directory', async () => {
    await writeFile(join(directory, 'file'), '');
    const error = await FilesystemStore.open(join(directory, 'file', 'store')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(StoreUnavailable);
    expect(error).to.have.property('message').that.contains(directory);
  });
});
