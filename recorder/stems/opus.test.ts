import { expect } from 'chai';
import { parseOpus } from './opus.ts';

/** TOC: configuration, stereo, code. */
const toc = (configuration: number, stereo: boolean, code: number) =>
  (configuration << 3) | (stereo ? 4 : 0) | code;
const packet = (...bytes: number[]) => Uint8Array.from(bytes);

describe('Opus packets', () => {
  it('tell how long they are, by mode and frame count', () => {
    const body = [1, 2, 3, 4];
    expect(parseOpus(packet(toc(31, false, 0), ...body))).to.deep.equal({ samples: 960, stereo: false });
    expect(parseOpus(packet(toc(16, true, 0), ...body))).to.deep.equal({ samples: 120, stereo: true });
    expect(parseOpus(packet(toc(3, false, 0), ...body))?.samples).to.equal(2880);
    expect(parseOpus(packet(toc(12, false, 0), ...body))?.samples).to.equal(480);
    expect(parseOpus(packet(toc(31, false, 1), ...body))?.samples).to.equal(1920);
    expect(parseOpus(packet(toc(31, false, 2), 1, ...body))?.samples).to.equal(1920);
    expect(parseOpus(packet(toc(31, false, 3), 4, ...body))?.samples).to.equal(3840);
    // Code 3 with varying lengths and padding.
    expect(parseOpus(packet(toc(31, false, 3), 0xc2, 2, 1, 9, 9, 9, 0, 0))?.samples).to.equal(1920);
  });

  it('of one byte are a pause, and as long as any other', () => {
    expect(parseOpus(packet(toc(31, false, 0)))?.samples).to.equal(960);
  });

  it('that break a rule of RFC 6716 section 3.4 are refused', () => {
    const bad = {
      'R1 empty': packet(),
      'R2 a frame over 1275 bytes': new Uint8Array(1300).fill(1).with(0, toc(31, false, 0)),
      'R3 code 1 with an odd rest': packet(toc(31, false, 1), 1, 2, 3),
      'R4 code 2 with a length beyond the end': packet(toc(31, false, 2), 9, 1),
      'R4 code 2 without the second byte of a length': packet(toc(31, false, 2), 252),
      'R5 code 3 without frames': packet(toc(31, false, 3), 0),
      'R5 code 3 beyond 120 ms': packet(toc(31, false, 3), 7, 1, 2, 3, 4, 5, 6, 7),
      'R6 code 3, constant rate, not divisible': packet(toc(31, false, 3), 2, 1, 2, 3),
      'R7 code 3, varying rate, lengths beyond the end': packet(toc(31, false, 3), 0x82, 5, 1),
      'R7 padding beyond the end': packet(toc(31, false, 3), 0x41, 200, 1),
    };
    for (const [rule, bytes] of Object.entries(bad)) expect(parseOpus(bytes), rule).to.equal(null);
  });
});
