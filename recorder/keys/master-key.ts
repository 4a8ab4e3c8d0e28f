import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory, syncDirectory, syncParents } from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { readIfPresent } from './files.ts';
import { KeysUnavailable } from './keys.ts';
import { KEY_BYTES } from './wrap.ts';

/**
 * The master key in its file. While it is rotated, the next one lies beside it, and locks what is new. Nothing of it is
 * kept in memory: another process may rotate it at any time.
 */
export class MasterKey {
  readonly file: string;
  readonly #next: string;

  constructor(file: string) {
    this.file = file;
    this.#next = `${file}.next`;
  }

  /** Makes one where there is none. @param isUsed whether anything was ever locked by one */
  async make(isUsed: () => Promise<boolean>): Promise<void> {
    if ((await readIfPresent(this.file)) === null) {
      if (await isUsed())
        throw new KeysUnavailable(
          `The master key ${this.file} is missing, and there are keys that only it opens. ` +
            'Restore it from your backup: without it, nothing recorded so far can be read.',
        );
      const directory = dirname(this.file);
      await makeDirectory(directory);
      await syncParents(directory, dirname(directory));
      // Another process may be first: what is in the file counts.
      await createDurably(this.file, newKey());
    }
    await this.all();
  }

  /** Those that may have locked something; the first one locks what is new. @throws KeysUnavailable */
  async all(): Promise<[Buffer, ...Buffer[]]> {
    const next = await readIfPresent(this.#next);
    const current = await readIfPresent(this.file);
    if (current === null) throw new KeysUnavailable(`The master key ${this.file} is missing. Restore it.`);
    const keys = [parsed(current, this.file)] satisfies [Buffer];
    return next === null ? keys : [parsed(next, this.#next), ...keys];
  }

  async isRotating(): Promise<boolean> {
    return (await readIfPresent(this.#next)) !== null;
  }

  /** Makes the next one, unless an earlier rotation has left it. */
  async beginRotation(): Promise<void> {
    await createDurably(this.#next, newKey());
  }

  /** The next one takes the place of the one that nothing is locked by any more, which is wiped. */
  async finishRotation(): Promise<void> {
    await using old = await open(this.file, 'r+');
    const { size } = await old.stat();
    await rename(this.#next, this.file);
    await syncDirectory(dirname(this.file));
    await old.write(randomBytes(size), 0, size, 0);
    await old.sync();
  }
}

const newKey = () => Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`);

function parsed(text: Buffer, path: string): Buffer {
  const hex = text.toString().trim();
  if (/^[0-9a-f]{64}$/.test(hex)) return Buffer.from(hex, 'hex');
  throw new KeysUnavailable(`The master key ${path} is damaged: it should hold 64 hexadecimal digits.`);
}
