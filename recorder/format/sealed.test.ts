import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { header, pattern, sealed, sessionKey } from './fixtures/samples.ts';
import {
  createOpener,
  createSealer,
  decodeRecords,
  encodeRecord,
  FormatError,
  FRAME_OVERHEAD_BYTES,
  HEAD_BYTES,
  type JournalRecord,
  MAX_FRAME_BYTES,
  openSealed,
  readHead,
  sealWhole,
} from './index.ts';

const vectors = JSON.parse(readFileSync(new URL('vectors/sealed.json', import.meta.url), 'utf8')) as {
  name: string;
  framesHex: string[];
  objectHex: string;
  /** What a chunk's frames hold; packets in hex. */
  records?: (Record<string, unknown> & { packet?: string })[];
}[];

const inJson = (record: JournalRecord) =>
  record.type === 'rtp' ? { ...record, packet: Buffer.from(record.packet).toString('hex') } : record;

const fromJson = ({ packet, ...record }: { packet?: string }) =>
  ({ ...record, ...(packet === undefined ? {} : { packet: Buffer.from(packet, 'hex') }) }) as JournalRecord;

describe('sealed objects', () => {
  it('are, byte for byte, what the fixed vectors say', () => {
    for (const { name, framesHex, objectHex } of vectors) {
      const frames = framesHex.map(hex => Buffer.from(hex, 'hex'));
      expect(sealed(frames).toString('hex'), name).to.equal(objectHex);
      expect(openSealed(sessionKey, Buffer.from(objectHex, 'hex')).frames).to.deep.equal(frames);
    }
    expect(vectors.length).to.be.greaterThan(2);
  });

  it('hold, as a chunk, the records that the fixed vector says', () => {
    const chunks = vectors.filter(({ records }) => records !== undefined);
    expect(chunks.length).to.equal(1);
    for (const { framesHex, records = [] } of chunks) {
      const decoded = framesHex.flatMap(hex => [...decodeRecords(Buffer.from(hex, 'hex'))]);
      expect(decoded.map(inJson)).to.deep.equal(records);
      const encoded = records.map(record => encodeRecord(fromJson(record)).toString('hex'));
      expect(encoded.join('')).to.equal(framesHex.join(''));
    }
  });

  it('are opened by a second reader that shares no code with the first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cratersync-format-'));
    const script = fileURLToPath(new URL('fixtures/read_sealed.py', import.meta.url));
    const read = (object: Buffer, ...more: string[]) => {
      const file = join(folder, 'object');
      writeFileSync(file, object);
      const options = { encoding: 'utf8', stdio: 'pipe' } as const;
      return execFileSync('python3', [script, sessionKey.toString('hex'), file, ...more], options).trim();
    };
    try {
      for (const { framesHex, objectHex, records } of vectors) {
        const object = Buffer.from(objectHex, 'hex');
        expect(read(object)).to.equal(framesHex.join(''));
        if (records !== undefined) expect(JSON.parse(read(object, '--records'))).to.deep.equal(records);
      }
      const large = pattern(MAX_FRAME_BYTES + 1);
      expect(read(sealWhole(sessionKey, header, large))).to.equal(large.toString('hex'));
      const torn = sealed([pattern(10), pattern(20)]);
      expect(() => read(torn.subarray(0, torn.length - 20 - FRAME_OVERHEAD_BYTES))).to.throw(/cut off/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('give back what went in, at every boundary size', () => {
    for (const size of [
      0,
      1,
      2,
      MAX_FRAME_BYTES - 1,
      MAX_FRAME_BYTES,
      MAX_FRAME_BYTES + 1,
      2 * MAX_FRAME_BYTES,
    ]) {
      const plaintext = pattern(size);
      const opened = openSealed(sessionKey, sealWhole(sessionKey, header, plaintext));
      expect(opened.complete, String(size)).to.equal(true);
      expect(Buffer.concat(opened.frames).equals(plaintext), String(size)).to.equal(true);
      expect(opened.header).to.deep.include({ ...header, previousHash: opened.header.previousHash });
    }
    const sealer = createSealer(sessionKey, header);
    expect(() => sealer.seal(Buffer.alloc(MAX_FRAME_BYTES + 1), false)).to.throw(RangeError);
    sealer.seal(Buffer.alloc(1), true);
    expect(() => sealer.seal(Buffer.alloc(1), false)).to.throw('sealed already');
  });

  it('do not hold when any one bit is different', () => {
    const whole = sealed([pattern(5), pattern(3)]);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const altered = Buffer.from(whole);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const holds = (() => {
        try {
          return openSealed(sessionKey, altered).complete;
        } catch (error) {
          if (error instanceof FormatError) return false;
          throw error;
        }
      })();
      expect(holds, `bit ${bit}`).to.equal(false);
    }
  });

  it('salvage the frames before the place where they were cut off', () => {
    const frames = [pattern(100), pattern(200), pattern(50)];
    const whole = sealed(frames);
    const ends = [HEAD_BYTES];
    for (const frame of frames) ends.push((ends.at(-1) ?? 0) + frame.length + FRAME_OVERHEAD_BYTES);
    for (let length = HEAD_BYTES; length < whole.length; length += 1) {
      const { complete, frames: held, error } = openSealed(sessionKey, whole.subarray(0, length));
      expect(complete).to.equal(false);
      expect(error).to.be.a('string');
      expect(held).to.deep.equal(frames.slice(0, ends.filter(end => end <= length).length - 1));
    }
  });

  it('notice frames that were swapped, dropped, repeated, appended or taken from another object', () => {
    const [a, b, c] = [pattern(40), pattern(41), pattern(42)];
    const sealer = createSealer(sessionKey, header, Buffer.alloc(32, 1));
    const [fa, fb, fc] = [sealer.seal(a, false), sealer.seal(b, false), sealer.seal(c, true)];
    const other = createSealer(sessionKey, header, Buffer.alloc(32, 2)).seal(a, false);
    const complete = (...parts: Buffer[]) =>
      openSealed(sessionKey, Buffer.concat([sealer.head, ...parts])).complete;
    expect(complete(fa, fb, fc)).to.equal(true);
    for (const parts of [
      [fb, fa, fc],
      [fa, fc],
      [fa, fa, fb, fc],
      [fa, fb, fc, fc],
      [other, fb, fc],
      [fa, fb],
    ])
      expect(complete(...parts)).to.equal(false);
    expect(complete(fa, fb, fc, Buffer.from([0]))).to.equal(false);
  });

  it('open with no other key, and not under another purpose', () => {
    const whole = sealed([pattern(9)]);
    expect(() => createOpener(Buffer.alloc(32, 9), whole)).to.throw(FormatError, 'another key');
    const stem = createSealer(sessionKey, { ...header, purpose: 'stem' }, Buffer.alloc(32, 0x5a));
    const passedOff = Buffer.concat([stem.head, whole.subarray(HEAD_BYTES)]);
    expect(openSealed(sessionKey, passedOff).complete).to.equal(false);
  });

  it('say what is wrong with a head that is none', () => {
    expect(() => readHead(Buffer.alloc(10))).to.throw(FormatError, 'too short');
    expect(() => readHead(Buffer.alloc(500))).to.throw(FormatError, 'not a CraterSync object');
    for (const [at, message] of [
      [8, 'version'],
      [9, 'suite'],
      [10, 'purpose'],
      [12, 'reserved'],
    ] as const) {
      const head = sealed([Buffer.alloc(0)]);
      head[at] = 99;
      expect(() => readHead(head), message).to.throw(FormatError, message);
    }
  });
});
