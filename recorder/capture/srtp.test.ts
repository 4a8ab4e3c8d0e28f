import { expect } from 'chai';
import { deriveSrtpKeys, newMasterKeyBase64, SrtpReceiver, SrtpSender } from './srtp.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 7714 section 16: session keys given directly. */
const vectorKeys = (() => {
  const stream = {
    key: Buffer.from(Array.from({ length: 32 }, (_, i) => i)),
    salt: Buffer.from('Quid pro quo'),
  };
  return { rtp: stream, rtcp: stream };
})();
const vectors = {
  rtp: hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
            69736120 696e2070 61727465 73207472 6573`),
  srtp: hex(`8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
             9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`),
  rtcp: hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
             deadbeef deadbeef deadbeef deadbeef deadbeef`),
  srtcp: hex(`81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50
              a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`),
};

describe('SRTP', () => {
  it('gives the packets of RFC 7714 section 16.2.1', () => {
    expect(new SrtpSender(vectorKeys).protectRtp(vectors.rtp, 0)).to.deep.equal(vectors.srtp);
    expect(new SrtpReceiver(vectorKeys).unprotectRtp(vectors.srtp)).to.deep.equal(vectors.rtp);
  });

  it('gives the control packets of RFC 7714 section 17.3', () => {
    expect(new SrtpSender(vectorKeys, 0x5d4).protectRtcp(vectors.rtcp)).to.deep.equal(vectors.srtcp);
    expect(new SrtpReceiver(vectorKeys).unprotectRtcp(vectors.srtcp)).to.deep.equal(vectors.rtcp);
  });

  it('refuses a packet with any bit changed', () => {
    for (let i = 0; i < vectors.srtp.length; i += 1) {
      const bent = Buffer.from(vectors.srtp);
      bent[i] = (bent[i] ?? 0) ^ 1;
      expect(new SrtpReceiver(vectorKeys).unprotectRtp(bent), `byte ${i}`).to.equal(null);
    }
    for (let length = 0; length < vectors.srtp.length; length += 1) {
      expect(new SrtpReceiver(vectorKeys).unprotectRtp(vectors.srtp.subarray(0, length))).to.equal(null);
      expect(new SrtpReceiver(vectorKeys).unprotectRtcp(vectors.srtcp.subarray(0, length))).to.equal(null);
    }
  });

  it('follows the sequence number around the circle, with reordering at the seam', () => {
    const keys = deriveSrtpKeys(newMasterKeyBase64());
    const sender = new SrtpSender(keys);
    const receiver = new SrtpReceiver(keys);
    for (const index of [65533, 65536, 65534, 65535, 65537, 95_000, 125_000, 131_071, 131_075, 131_072]) {
      const packet = Buffer.from(vectors.rtp);
      packet.writeUInt16BE(index & 0xffff, 2);
      expect(receiver.unprotectRtp(sender.protectRtp(packet, index >>> 16)), String(index)).to.deep.equal(
        packet,
      );
    }
  });

  it('refuses a key that is not 44 bytes', () => {
    expect(() => deriveSrtpKeys('AAAA')).to.throw(RangeError);
  });
});
