import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { destroyFolder } from './files.ts';

describe('destroying a folder of keys', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-files-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('by many at once does no harm to any of them', async () => {
    const [folder, gone] = [join(directory, 'keys'), join(directory, '.gone-keys')];
    for (let round = 0; round < 20; round += 1) {
      await mkdir(folder);
      for (const name of ['1', '2', '3']) await writeFile(join(folder, name), 'a key');
      await Promise.all(Array.from({ length: 8 }, () => destroyFolder(folder, gone)));
      expect(await readdir(directory)).to.deep.equal([]);
    }
  }).timeout(20_000);

  it('finishes what a process left that was killed over it', async () => {
    const [folder, gone] = [join(directory, 'keys'), join(directory, '.gone-keys')];
    for (const each of [folder, gone]) {
      await mkdir(each);
      await writeFile(join(each, '1'), 'a key');
    }
    await destroyFolder(folder, gone);
    expect(await readdir(directory)).to.deep.equal([]);
  });
});
