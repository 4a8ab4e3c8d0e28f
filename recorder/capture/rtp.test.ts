import { expect } from 'chai';
import { noise, rtpPacket, senderReport } from '../../test/support/rtp.ts';
import { genericNack, parseSenderReports, pictureLoss, receiverReport } from './rtcp.ts';
import { isRtcp, rtpHeaderBytes } from './rtp.ts';

const plain = {
  ssrc: 0xfeedbeef,
  payloadType: 111,
  sequence: 7,
  timestamp: 960,
  payload: Buffer.from('opus'),
};

describe('RTP', () => {
  it('reads the header length with sources, extension and padding', () => {
    expect(rtpHeaderBytes(rtpPacket(plain))).to.equal(12);
    expect(rtpHeaderBytes(rtpPacket({ ...plain, extension: Buffer.alloc(5), padding: 4 }))).to.equal(
      12 + 4 + 8,
    );
    const withSources = Buffer.concat([rtpPacket(plain).subarray(0, 12), Buffer.alloc(8), plain.payload]);
    withSources.writeUInt8(0x82, 0);
    expect(rtpHeaderBytes(withSources)).to.equal(20);
  });

  it('refuses what is cut off, padded beyond its length, or of another version', () => {
    const packet = rtpPacket({ ...plain, extension: Buffer.alloc(4), padding: 1 });
    for (let length = 0; length < 20; length += 1)
      expect(rtpHeaderBytes(packet.subarray(0, length))).to.equal(-1);
    const padded = Buffer.from(packet);
    padded[padded.length - 1] = 200;
    expect(rtpHeaderBytes(padded)).to.equal(-1);
    padded[padded.length - 1] = 0;
    expect(rtpHeaderBytes(padded)).to.equal(-1);
    packet[0] = (packet[0] ?? 0) & 0x3f;
    expect(rtpHeaderBytes(packet)).to.equal(-1);
  });

  it('survives 100,000 packets of noise', () => {
    for (let seed = 0; seed < 100_000; seed += 1) {
      const packet = noise(seed % 80, seed);
      if (isRtcp(packet)) parseSenderReports(packet);
      else expect(rtpHeaderBytes(packet)).to.be.at.most(packet.length);
    }
  });
});

describe('RTCP', () => {
  const report = { ssrc: 0xfeedbeef, ntpUs: 3_900_000_000_250_000, rtpTimestamp: 123_456, packetCount: 42 };

  it('finds the Sender Reports of a compound packet', () => {
    const [found, ...others] =
      parseSenderReports(
        Buffer.concat([senderReport(report), Buffer.from('81ca00020000000101000000', 'hex')]),
      ) ?? [];
    expect(others).to.deep.equal([]);
    expect(found).to.include(report);
    expect(found?.ntpCompact).to.equal((((3_900_000_000 & 0xffff) << 16) | 0x4000) >>> 0);
    expect(parseSenderReports(receiverReport(1, { ...zero, ssrc: 2 }))).to.deep.equal([]);
  });

  it('refuses a cut-off compound packet', () => {
    const whole = senderReport(report);
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseSenderReports(whole.subarray(0, length)), String(length)).to.equal(null);
    }
  });

  it('writes feedback as RFC 4585 draws it', () => {
    expect(pictureLoss(1, 2).toString('hex')).to.equal('81ce00020000000100000002');
    expect(genericNack(1, 2, [0x1000a, 0x1000b, 0x1001a, 0x1001b]).toString('hex')).to.equal(
      '81cd0004' + '00000001' + '00000002' + '000a8001' + '001b0000',
    );
    expect(genericNack(1, 2, [0x1ffff, 0x20000]).toString('hex')).to.equal(
      '81cd00030000000100000002ffff0001',
    );
  });

  it('writes receiver reports as RFC 3550 draws them, within their ranges', () => {
    const packet = receiverReport(1, {
      ...zero,
      ssrc: 2,
      fractionLost: 64,
      cumulativeLost: -1,
      highestSequence: 0x10005,
    });
    expect(packet.toString('hex')).to.equal(
      `81c90007 00000001 00000002 40ffffff 00010005 ${'00000000 '.repeat(3)}`.replaceAll(' ', ''),
    );
    expect(receiverReport(1, { ...zero, cumulativeLost: 1e9 }).readIntBE(13, 3)).to.equal(0x7fffff);
  });
});

const zero = {
  ssrc: 0,
  fractionLost: 0,
  cumulativeLost: 0,
  highestSequence: 0,
  jitter: 0,
  lastReport: 0,
  delaySinceLastReport: 0,
};
