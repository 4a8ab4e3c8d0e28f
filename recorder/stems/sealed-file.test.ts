import { createHash, randomBytes } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { canMount, mountSmallDisk } from '../../test/support/small-disk.ts';
import { FormatError, openSealed } from '../format/index.ts';
import { identity, uuid } from './fixtures/recording.ts';
import { SealedFileWriter } from './sealed-file.ts';
import { readSealed } from './sealed-source.ts';

const FRAME = 65_536;
const sessionKey = randomBytes(32);
const header = {
  purpose: 'stem',
  organizationId: identity.organizationId,
  sessionId: identity.sessionId,
  keyId: identity.recordingId,
  trackId: uuid(5),
  epoch: 0,
  sequence: 0,
  startUs: 0,
  previousHash: new Uint8Array(32),
} as const;

describe('sealed files', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-sealed-'));
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function write(plaintext: Buffer, partBytes: number) {
    const path = join(directory, randomBytes(6).toString('hex'));
    const writer = await SealedFileWriter.create(path, sessionKey, header);
    for (let at = 0; at < plaintext.length; at += partBytes)
      await writer.write(plaintext.subarray(at, at + partBytes));
    return { writer, path };
  }

  const cutShort = async () => {
    const disk = join(directory, 'disk');
    const unmount = await mountSmallDisk(disk, '16k');
    try {
      const writer = await SealedFileWriter.create(join(disk, 'file'), sessionKey, header);
      await writer.write(randomBytes(30_000));
      const outcome = await writer.close().catch((error: unknown) => error);
      expect(outcome).to.include({ code: 'ENOSPC' });
      await writer.discard();
      expect(await readdir(disk)).to.deep.equal([]);
    } finally {
      await unmount();
    }
  };
  if (canMount) it('are never cut short: a disk that takes a part of them is full', cutShort);

  for (const bytes of [1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 1, 5 * FRAME - 1]) {
    it(`hold ${bytes} bytes, and open as the format says`, async () => {
      const plaintext = randomBytes(bytes);
      const { writer, path } = await write(plaintext, 50_001);
      const file = await writer.close();
      const stored = await readFile(path);
      expect(file).to.deep.equal({
        path,
        bytes: stored.length,
        sha256: createHash('sha256').update(stored).digest('hex'),
        plaintextBytes: bytes,
      });
      const opened = openSealed(sessionKey, stored);
      expect(opened.complete).to.equal(true);
      expect(Buffer.concat(opened.frames).equals(plaintext)).to.equal(true);
      expect(opened.frames.slice(0, -1).every(frame => frame.length === FRAME)).to.equal(true);
    });
  }

  it('can be patched in the first frame until they are closed, and nowhere else', async () => {
    const plaintext = randomBytes(3 * FRAME);
    const { writer, path } = await write(plaintext, FRAME);
    writer.patch(FRAME - 4, Buffer.from('last'));
    expect(() => writer.patch(FRAME - 3, Buffer.from('over'))).to.throw(RangeError);
    await writer.close();
    plaintext.write('last', FRAME - 4);
    const opened = openSealed(sessionKey, await readFile(path));
    expect(Buffer.concat(opened.frames).equals(plaintext)).to.equal(true);
  });

  it('leave nothing behind when they are discarded, open or closed', async () => {
    for (const close of [true, false]) {
      const { writer, path } = await write(randomBytes(1000), 100);
      if (close) await writer.close();
      await writer.discard();
      await writer.discard();
      expect(
        await access(path).then(
          () => 'there',
          () => 'gone',
        ),
      ).to.equal('gone');
    }
  });

  describe('are read in parts', () => {
    const plaintext = randomBytes(3 * FRAME + 77);
    let stored = Buffer.alloc(0);
    before(async () => {
      const { writer, path } = await write(plaintext, FRAME);
      await writer.close();
      stored = await readFile(path);
    });
    // Gives its bytes in small pieces, as a network does.
    const storeOf = (bytes: Buffer) => ({
      get: async (_key: string, range?: { start: number; end: number }) => {
        const part = bytes.subarray(range?.start ?? 0, (range?.end ?? bytes.length) + 1);
        const pieces = Array.from({ length: Math.ceil(part.length / 9999) }, (_, i) =>
          part.subarray(i * 9999, i * 9999 + 9999),
        );
        return Readable.from(pieces);
      },
    });
    const read = (bytes: Buffer, start: number, end: number) =>
      buffer(Readable.from(readSealed(storeOf(bytes), 'key', sessionKey, start, end)));

    for (const [start, end] of [
      [0, 0],
      [0, plaintext.length - 1],
      [FRAME - 1, FRAME],
      [FRAME, 2 * FRAME - 1],
      [100, 3 * FRAME],
      [plaintext.length - 1, plaintext.length - 1],
    ] as const) {
      it(`${start}–${end}`, async () => {
        expect((await read(stored, start, end)).equals(plaintext.subarray(start, end + 1))).to.equal(true);
      });
    }

    it('and refuse a damaged frame', async () => {
      const damaged = Buffer.from(stored);
      damaged[FRAME + 1000] = (damaged[FRAME + 1000] ?? 0) ^ 1;
      const refusal = await read(damaged, FRAME, FRAME + 10).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(FormatError);
    });
  });
});
