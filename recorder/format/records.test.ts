import { expect } from 'chai';
import { pattern } from './fixtures/samples.ts';
import {
  decodeRecords,
  encodeRecord,
  FormatError,
  type JournalRecord,
  merkleRoot,
  writeRtpRecord,
} from './index.ts';

const records: JournalRecord[] = [
  {
    type: 'event',
    atUs: 0,
    event: {
      kind: 'stream',
      ssrc: 0xffff_ffff,
      payloadType: 111,
      mimeType: 'audio/opus',
      clockRateHz: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1 },
      clockId: 'worker',
    },
  },
  { type: 'rtp', atUs: 1, packet: pattern(1200) },
  { type: 'rtp', atUs: 2 ** 47, packet: Buffer.alloc(0) },
  {
    type: 'sender-report',
    atUs: 3,
    ssrc: 1,
    ntpUs: 4_000_000_000_000_000,
    rtpTimestamp: 2 ** 32 - 1,
    packetCount: 2 ** 32 - 1,
  },
  { type: 'event', atUs: 4, event: { kind: 'lost', packets: 3, fromUs: 1, toUs: 2 } },
  { type: 'event', atUs: 5, event: { kind: 'silent', fromUs: 1, toUs: 2.5 } },
  { type: 'event', atUs: 6, event: { kind: 'resolution', widthPx: 1280, heightPx: 720 } },
  { type: 'event', atUs: 7, event: { kind: 'foreign', ssrc: 7, payloadType: 96 } },
  { type: 'event', atUs: 7, event: { kind: 'layers', spatial: 2, temporal: null } },
  { type: 'event', atUs: 8, event: { kind: 'dropped', by: 'kernel', packets: 12 } },
];

describe('journal records', () => {
  it('come back as they were', () => {
    const frame = Buffer.concat(records.map(encodeRecord));
    expect([...decodeRecords(frame)]).to.deep.equal(records);
    const packet = pattern(77);
    const direct = Buffer.alloc(9 + 77);
    writeRtpRecord(direct, 0, 42, Buffer.concat([packet, pattern(9)]), 77);
    expect(direct).to.deep.equal(encodeRecord({ type: 'rtp', atUs: 42, packet }));
  });

  it('leave out events of a later version, but no malformed ones', () => {
    const later = { kind: 'applause', loudness: [1, { two: 3 }] };
    const [first, second] = records.map(encodeRecord);
    const event = (value: object) =>
      encodeRecord({ type: 'event', atUs: 9, event: value as { kind: 'muted' } });
    const frame = Buffer.concat([first ?? '', event(later), second ?? ''].map(part => Buffer.from(part)));
    expect([...decodeRecords(frame)]).to.deep.equal(records.slice(0, 2));
    for (const wrong of [{ kind: 'lost' }, { kind: 7 }, {}, []])
      expect(() => [...decodeRecords(event(wrong))], JSON.stringify(wrong)).to.throw(FormatError);
  });

  it('that are cut off or of no known kind are an error, after those before them', () => {
    const encoded = records.map(encodeRecord);
    const frame = Buffer.concat(encoded);
    const ends = new Set(encoded.map((_, index) => Buffer.concat(encoded.slice(0, index + 1)).length));
    for (let length = 1; length < frame.length; length += 1) {
      const seen: JournalRecord[] = [];
      const read = () => {
        for (const record of decodeRecords(frame.subarray(0, length))) seen.push(record);
      };
      if (ends.has(length)) read();
      else expect(read, String(length)).to.throw(FormatError);
      expect(seen).to.deep.equal(records.slice(0, [...ends].filter(end => end <= length).length));
    }
    expect(() => [...decodeRecords(Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 0]))]).to.throw(FormatError);
  });

  it('of noise end in an error or in records, never in anything else', () => {
    let state = 0x2545_f491;
    const random = () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    for (let round = 0; round < 2000; round += 1) {
      const noise = Buffer.from(
        Array.from({ length: random() % 64 }, () => random() & (round % 2 ? 0xff : 3)),
      );
      try {
        for (const record of decodeRecords(noise)) expect(record.atUs).to.be.at.least(0);
      } catch (error) {
        expect(error).to.be.instanceOf(FormatError);
      }
    }
  });
});

describe('the Merkle root', () => {
  // RFC 9162's tree of the empty list, and of the leaves of Certificate Transparency's own reference tests.
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  it('is the one of RFC 9162', () => {
    const root = (count: number) =>
      merkleRoot(leaves.slice(0, count).map(hex => Buffer.from(hex, 'hex'))).toString('hex');
    expect(root(0)).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(root(1)).to.equal('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(root(8)).to.equal('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });
});
