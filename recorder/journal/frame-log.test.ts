import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { noise } from '../../test/support/rtp.ts';
import { FrameLog, type LogEntry, type OpenFile, scanFrameLog } from './frame-log.ts';
import { framesAddon } from './frames-addon.ts';
import { EntryLost, readEntries } from './read-entries.ts';

describe('the media log', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-frames-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const openLog = (options: { epoch?: number; maxSegmentBytes?: number; openFile?: OpenFile } = {}) =>
    new FrameLog({ directory, epoch: 1, maxSegmentBytes: 1 << 20, openFile: open, ...options });
  /** A frame; the first bit says whether it is the final one. */
  const frame = (bytes: number, seed: number, final = false) => {
    const result = noise(bytes, seed);
    result[0] = final ? 0x80 : 0;
    return result;
  };

  it('finds every whole entry wherever the tail was torn', async () => {
    const log = openLog();
    const written = [noise(192, 1), frame(120, 2), noise(192, 3), frame(80, 4, true), frame(100, 5)] as const;
    const [a, b] = [log.nextChunk(), log.nextChunk()];
    const order = [
      [a, 0],
      [a, 1],
      [b, 0],
      [b, 1],
      [a, 2],
    ] as const;
    const entries = order.map(([chunk, index], i) => log.append(chunk, index, written[i] ?? noise(0, 0)));
    await log.commit();
    await log.close();
    const [name = ''] = await readdir(directory);
    const bytes = await readFile(join(directory, name));
    for (let length = 0; length <= bytes.length; length += 1) {
      await writeFile(join(directory, name), bytes.subarray(0, length));
      const whole = entries.filter(({ place, bytes: size }) => (place?.offset ?? 0) + size <= length).length;
      const found = await scanFrameLog(directory);
      const heads = order.slice(0, whole).filter(([, index]) => index === 0).length;
      expect(found, `${length} bytes`).to.have.length(heads);
      expect(found.reduce((sum, { frames }) => sum + frames.length, 0)).to.equal(whole - heads);
      if (found[0] !== undefined) expect(found[0].headBytes).to.deep.equal(written[0]);
      expect(found[0]?.complete ?? false).to.equal(false);
      if (whole >= 4) expect(found[1]?.complete).to.equal(true);
      for (const [i, entry] of (found[0]?.frames ?? []).entries()) {
        expect(await readEntries([entry])).to.deep.equal(written[i === 0 ? 1 : 4]);
      }
    }
  });

  // Of the second frame: its length, its checksum, its index, what it holds.
  for (const [what, offset] of [
    ['length', 0],
    ['checksum', 5],
    ['index', 15],
    ['payload', 41],
  ] as const)
    it(`leaves out an entry whose ${what} is damaged, and nothing else`, async () => {
      const log = openLog();
      const chunk = log.nextChunk();
      log.append(chunk, 0, noise(192, 1));
      for (let index = 1; index <= 3; index += 1) log.append(chunk, index, frame(50, index));
      await log.commit();
      await log.close();
      const [name = ''] = await readdir(directory);
      const bytes = await readFile(join(directory, name));
      const at = 16 + 192 + 16 + 50 + offset;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(join(directory, name), bytes);
      const [found] = await scanFrameLog(directory);
      expect(found?.frames.map(({ index }) => index)).to.deep.equal([1, 3]);
      expect(found?.complete).to.equal(false);
    });

  it('reads on behind a damaged entry when the next one is whole', async () => {
    const log = openLog();
    const [a, b] = [log.nextChunk(), log.nextChunk()];
    for (const [chunk, index] of [
      [a, 0],
      [a, 1],
      [b, 0],
      [b, 1],
    ] as const)
      log.append(chunk, index, index === 0 ? noise(192, chunk) : frame(50, chunk));
    await log.commit();
    await log.close();
    const [name = ''] = await readdir(directory);
    const bytes = await readFile(join(directory, name));
    const inFirstFrame = 16 + 192 + 16 + 25;
    bytes[inFirstFrame] = (bytes[inFirstFrame] ?? 0) ^ 1;
    await writeFile(join(directory, name), bytes);
    expect((await scanFrameLog(directory)).map(({ frames }) => frames.length)).to.deep.equal([0, 1]);
  });

  it('deletes a segment when nothing in it is needed, and no sooner', async () => {
    const log = openLog({ maxSegmentBytes: 1000 });
    const chunks: LogEntry[][] = [];
    for (let i = 0; i < 4; i += 1) {
      const chunk = log.nextChunk();
      chunks.push([log.append(chunk, 0, noise(192, i)), log.append(chunk, 1, frame(900, i, true))]);
      await log.commit();
    }
    expect(await readdir(directory)).to.have.length(4);
    const [first = [], second = [], third = [], fourth = []] = chunks;
    await log.release(second);
    await log.release(first.slice(0, 1));
    expect(await readdir(directory)).to.have.length(3);
    expect(await readEntries(first.slice(1))).to.have.length(900);
    await log.release([...first.slice(1), ...third, ...fourth]);
    await log.close();
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('acknowledges nothing that the disk refused, and brings it later', async () => {
    let fault: 'full' | 'short' | 'sync' | null = null;
    const openFile: OpenFile = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      const { writev, datasync } = file;
      file.writev = (async (buffers: Buffer[], position: number) => {
        if (fault === 'full') throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        return fault === 'short'
          ? writev.call(file, [buffers[0]?.subarray(0, 100) ?? Buffer.alloc(0)], position)
          : writev.call(file, buffers, position);
      }) as typeof writev;
      file.datasync = async () => {
        if (fault === 'sync') throw Object.assign(new Error('input/output error'), { code: 'EIO' });
        return datasync.call(file);
      };
      return file;
    };
    const log = openLog({ openFile });
    const chunk = log.nextChunk();
    const payloads = [noise(192, 1)];
    const entries = [log.append(chunk, 0, noise(192, 1))];
    await log.commit();
    for (const [i, kind] of (['full', 'short', 'sync'] as const).entries()) {
      fault = kind;
      payloads.push(frame(300, i));
      const entry = log.append(chunk, i + 1, frame(300, i));
      entries.push(entry);
      const failed = await log.commit().then(
        () => false,
        () => true,
      );
      expect(failed, kind).to.equal(true);
      expect(entry.place).to.equal(null);
      expect(log.pendingBytes).to.be.greaterThan(300);
      fault = null;
      await log.commit();
      expect(entry.place).to.not.equal(null);
    }
    expect(await readEntries(entries)).to.deep.equal(Buffer.concat(payloads));
    await log.close();
    const [found] = await scanFrameLog(directory);
    expect(await readEntries(found?.frames ?? [])).to.deep.equal(Buffer.concat(payloads.slice(1)));
  });

  for (const [how, addon] of [
    ['without an addon', null],
    ['by the addon', framesAddon],
  ] as const)
    it(`reads a chunk back from several segments ${how}, and says when the disk has lost it`, async () => {
      const log = openLog({ maxSegmentBytes: 1000 });
      const [chunk, other] = [log.nextChunk(), log.nextChunk()];
      const payloads = Array.from({ length: 12 }, (_, index) => noise(300 + index, index));
      const entries: LogEntry[] = [];
      for (const [index, payload] of payloads.entries()) {
        entries.push(log.append(chunk, index, payload));
        log.append(other, index, noise(100, index));
        if (index % 2 === 1) await log.commit();
      }
      await log.close();
      const names = await readdir(directory);
      expect(names.length).to.be.greaterThan(2);
      const whole = Buffer.concat(payloads);
      expect(await readEntries(entries, Buffer.alloc(0), addon)).to.deep.equal(whole);
      const memory = Buffer.alloc(whole.length + 9, 7);
      const read = await readEntries(entries, memory, addon);
      expect(read).to.deep.equal(whole);
      expect(memory.subarray(0, whole.length)).to.deep.equal(whole);
      // In any order: what was written again after a failed sync may lie behind what was not.
      const swapped = [entries[11], entries[0], entries[10]].flatMap(entry => entry ?? []);
      const expected = Buffer.concat([11, 0, 10].map(index => payloads[index] ?? noise(0, 0)));
      expect(await readEntries(swapped, memory, addon)).to.deep.equal(expected);
      const lost = () =>
        readEntries(entries, memory, addon).then(
          () => null,
          (error: unknown) => error,
        );
      const place = entries[9]?.place;
      const file = await open(place?.segment.path ?? '', 'r+');
      const flip = async () => {
        const byte = Buffer.alloc(1);
        await file.read(byte, 0, 1, (place?.offset ?? 0) + 77);
        await file.write(
          byte.map(value => value ^ 1),
          0,
          1,
          (place?.offset ?? 0) + 77,
        );
      };
      await flip();
      expect(await lost())
        .to.be.instanceOf(EntryLost)
        .and.have.property('message')
        .that.contains('damaged');
      await flip();
      expect((await readEntries(entries, memory, addon)).equals(whole)).to.equal(true);
      await file.close();
      const [first = '', second = ''] = names.sort().map(name => join(directory, name));
      await truncate(second, 500);
      expect(await lost())
        .to.be.instanceOf(EntryLost)
        .and.have.property('message')
        .that.contains(second);
      await rm(first);
      expect(await lost())
        .to.be.instanceOf(EntryLost)
        .and.have.property('message')
        .that.contains(first);
    });

  it('keeps what is added while the disk is busy for the next commit', async () => {
    let appended: LogEntry | null = null;
    const openFile: OpenFile = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      const { writev } = file;
      file.writev = (async (buffers: Buffer[], position: number) => {
        appended ??= log.append(chunk, 2, frame(700, 2));
        return writev.call(file, buffers, position);
      }) as typeof writev;
      return file;
    };
    const log = openLog({ openFile });
    const chunk = log.nextChunk();
    const entries = [log.append(chunk, 0, noise(192, 1)), log.append(chunk, 1, frame(500, 1))];
    await log.commit();
    expect(entries.every(({ place }) => place !== null)).to.equal(true);
    expect(appended).to.deep.equal({ bytes: 700, place: null });
    expect(log.pendingBytes).to.equal(716);
    // More than a block of memory holds, and than one write takes.
    const large = Array.from({ length: 14 }, (_, index) => frame((1 << 20) - 100 * index, index));
    for (const [index, payload] of large.entries()) entries.push(log.append(chunk, index + 3, payload));
    await log.commit();
    expect(log.pendingBytes).to.equal(0);
    const all = [...entries.slice(0, 2), ...(appended === null ? [] : [appended]), ...entries.slice(2)];
    const expected = Buffer.concat([noise(192, 1), frame(500, 1), frame(700, 2), ...large]);
    expect((await readEntries(all)).equals(expected)).to.equal(true);
    await log.close();
    expect((await scanFrameLog(directory))[0]?.frames).to.have.length(16);
  });

  it('keeps the chunks of two epochs apart', async () => {
    for (const epoch of [1, 2]) {
      const log = openLog({ epoch });
      log.append(log.nextChunk(), 0, noise(192, epoch));
      await log.commit();
      await log.close();
    }
    expect((await scanFrameLog(directory)).map(({ headBytes }) => headBytes)).to.deep.equal([
      noise(192, 1),
      noise(192, 2),
    ]);
  });
});
