import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  forgetPrevious,
  formerReceiptKeys,
  keepReceiptKey,
  readOrMakeSecret,
  readPrevious,
  rotateSecret,
} from './secrets.ts';

describe('secrets of the launcher', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-secrets-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('are rotated with the one before beside them, until that is forgotten', async () => {
    const first = readOrMakeSecret(dataDir, 'node');
    expect(rotateSecret(dataDir, 'node')).to.equal(true);
    const second = readOrMakeSecret(dataDir, 'node');
    expect(second).not.to.equal(first);
    expect(readPrevious(dataDir, 'node')).to.equal(first);
    expect(rotateSecret(dataDir, 'node')).to.equal(false);
    expect([readOrMakeSecret(dataDir, 'node'), readPrevious(dataDir, 'node')]).to.deep.equal([second, first]);
    expect([forgetPrevious(dataDir, 'node'), forgetPrevious(dataDir, 'node')]).to.deep.equal([true, false]);
    expect(readPrevious(dataDir, 'node')).to.equal(undefined);
    expect(rotateSecret(dataDir, 'node')).to.equal(true);
    for (const name of await readdir(join(dataDir, 'secrets')))
      expect((await stat(join(dataDir, 'secrets', name))).mode & 0o777, name).to.equal(0o600);
  });

  it('keep the public keys of receipts for good', () => {
    expect(formerReceiptKeys(dataDir)).to.deep.equal([]);
    readOrMakeSecret(dataDir, 'sealing-key');
    for (const key of ['one', 'two', 'one']) keepReceiptKey(dataDir, key);
    expect(formerReceiptKeys(dataDir)).to.deep.equal(['one', 'two']);
  });
});
