import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isSystemError } from './durable-files.ts';
import { publishAddon, publishFile } from './publish-file.ts';

for (const [how, addonOf] of [
  ['without an addon', () => null],
  ['by the addon', () => publishAddon],
] as const)
  describe(`a file that is published ${how}`, () => {
    let directory: string;
    const at = (name: string) => join(directory, name);
    const publish = (path: string, bytes: Uint8Array) => publishFile(at('.new'), path, bytes, addonOf());

    before(() => expect(addonOf() === null, 'the addon was not built').to.equal(how === 'without an addon'));
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'cratersync-publish-'));
    });
    afterEach(() => rm(directory, { recursive: true }));

    it('is whole, for its owner alone, and nothing else is left', async () => {
      for (const size of [0, 1, 5_000_000]) {
        const bytes = randomBytes(size);
        expect(await publish(at(`of-${size}`), bytes)).to.equal(true);
        expect((await readFile(at(`of-${size}`))).equals(bytes), `${size}`).to.equal(true);
      }
      expect((await stat(at('of-1'))).mode & 0o777).to.equal(0o600);
      expect((await readdir(directory)).length).to.equal(3);
    });

    it('does not take the place of another', async () => {
      await writeFile(at('taken'), 'first');
      expect(await publish(at('taken'), Buffer.from('second'))).to.equal(false);
      expect(await readFile(at('taken'), 'utf8')).to.equal('first');
      expect(await readdir(directory)).to.deep.equal(['taken']);
    });

    it('is told as Node tells it when the system refuses, and leaves nothing', async () => {
      const refusal = async (path: string) => {
        const error = await publish(path, Buffer.from('x')).catch((caught: unknown) => caught);
        expect(isSystemError(error), String(error)).to.equal(true);
        return (error as NodeJS.ErrnoException).code;
      };
      expect(await refusal(at('missing/name'))).to.equal('ENOENT');
      await writeFile(at('file'), '');
      expect(await refusal(at('file/name'))).to.equal('ENOTDIR');
      expect(await refusal(at('n'.repeat(256)))).to.equal('ENAMETOOLONG');
      expect(await readdir(directory)).to.deep.equal(['file']);
    });
  });
