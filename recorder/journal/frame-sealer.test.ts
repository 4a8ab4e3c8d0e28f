import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { header, pattern, sessionKey } from '../format/fixtures/samples.ts';
import { FRAME_OVERHEAD_BYTES, MAX_FRAME_BYTES, openSealed } from '../format/index.ts';
import { createFrameSealer } from './frame-sealer.ts';
import { framesAddon } from './frames-addon.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../format/vectors/sealed.json', import.meta.url), 'utf8'),
) as { name: string; framesHex: string[]; objectHex: string }[];

for (const [name, addonOf] of [
  ['without an addon', () => null],
  ['by the addon', () => framesAddon],
] as const)
  describe(`sealing frames ${name}`, () => {
    before(() => expect(addonOf() === null, 'the addon was not built').to.equal(name === 'without an addon'));

    /** @returns the object, and the hash that the sealer gave of it */
    function seal(frames: readonly Buffer[], salt = Buffer.alloc(32, 0x5a)) {
      const sealer = createFrameSealer(sessionKey, header, addonOf(), salt);
      const parts = [sealer.head];
      for (const [index, frame] of frames.entries()) {
        const around = 5;
        const bytes = frame.length + FRAME_OVERHEAD_BYTES;
        const memory = Buffer.alloc(bytes + 2 * around, 0xee);
        // As in life: what is sealed is the beginning of something larger.
        const plaintext = Buffer.concat([frame, Buffer.alloc(100, 1)]);
        sealer.sealInto(memory, around, plaintext, frame.length, index === frames.length - 1);
        expect(memory.subarray(0, around)).to.deep.equal(Buffer.alloc(around, 0xee));
        expect(memory.subarray(around + bytes)).to.deep.equal(Buffer.alloc(around, 0xee));
        parts.push(memory.subarray(around, around + bytes));
      }
      return { object: Buffer.concat(parts), digest: sealer.digest() };
    }

    it('gives, byte for byte, what the fixed vectors say, and their hash', () => {
      for (const { name: vector, framesHex, objectHex } of vectors) {
        const { object, digest } = seal(framesHex.map(hex => Buffer.from(hex, 'hex')));
        expect(object.toString('hex'), vector).to.equal(objectHex);
        expect(digest, vector).to.deep.equal(createHash('sha256').update(object).digest());
      }
      expect(vectors.length).to.be.greaterThan(2);
    });

    it('holds at every boundary size', () => {
      const frames = [0, 1, 15, 16, 17, 4095, MAX_FRAME_BYTES - 1, MAX_FRAME_BYTES].map(pattern);
      const { frames: opened, complete } = openSealed(sessionKey, seal(frames).object);
      expect(complete).to.equal(true);
      expect(opened).to.deep.equal(frames);
    });

    it('refuses what is too large, has no room, or comes after the final frame', () => {
      const sealer = createFrameSealer(sessionKey, header, addonOf());
      const large = Buffer.alloc(MAX_FRAME_BYTES + 1);
      const memory = Buffer.alloc(large.length + FRAME_OVERHEAD_BYTES);
      expect(() => sealer.sealInto(memory, 0, large, large.length, false)).to.throw(RangeError);
      const room = 10 + FRAME_OVERHEAD_BYTES;
      expect(() => sealer.sealInto(memory.subarray(0, room), 1, large, 10, false)).to.throw(RangeError);
      sealer.sealInto(memory, 0, large, 10, true);
      expect(() => sealer.sealInto(memory, 0, large, 10, false)).to.throw('sealed already');
    });
  });
