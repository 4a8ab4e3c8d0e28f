import { expect } from 'chai';
import { noise, rtpPacket } from '../../test/support/rtp.ts';
import { sizeReaderOf } from './picture.ts';

function sizeIn(mimeType: string, payload: string | Buffer) {
  const bytes = typeof payload === 'string' ? Buffer.from(payload.replaceAll(' ', ''), 'hex') : payload;
  const packet = rtpPacket({ ssrc: 1, payloadType: 101, sequence: 1, timestamp: 1, payload: bytes });
  // Behind it lies what a packet before it has left there.
  const memory = Buffer.concat([packet, Buffer.from(spsBaseline, 'hex')]);
  return sizeReaderOf(mimeType)?.(memory, 12, packet.length) ?? null;
}

/** The first bytes of a key frame, as libvpx writes them. */
const vp8Key = '5033009d012a80026801004708858588';
/** Parameter sets as x264 writes them. */
const spsBaseline = '6742c01ed900a02ff97011000003000100000300320f162e48';
const spsHigh = '6764001facd9405005bb011000000300100000030320f1831960';

describe('the size of a picture', () => {
  it('stands in the first packet of a VP8 key frame, behind any payload descriptor', () => {
    for (const descriptor of ['10', '90 80 12', '90 80 9234', '90 e0 12 01 20', '90 f0 9234 01 21'])
      expect(sizeIn('video/VP8', descriptor + vp8Key), descriptor).to.deep.equal({
        widthPx: 640,
        heightPx: 360,
      });
  });

  it('stands in no other packet of VP8', () => {
    expect(sizeIn('video/VP8', `00${vp8Key}`)).to.equal(null);
    expect(sizeIn('video/VP8', `11${vp8Key}`)).to.equal(null);
    expect(sizeIn('video/VP8', `10 51${vp8Key.slice(2)}`)).to.equal(null);
    expect(sizeIn('video/VP8', `10${vp8Key.replace('9d012a', '9d012b')}`)).to.equal(null);
    for (let length = 0; length < 11; length += 1)
      expect(sizeIn('video/VP8', `10${vp8Key}`.slice(0, 2 * length)), String(length)).to.equal(null);
  });

  it('stands in the sequence parameter set of H.264, alone or aggregated', () => {
    expect(sizeIn('video/H264', spsBaseline)).to.deep.equal({ widthPx: 640, heightPx: 360 });
    expect(sizeIn('video/H264', spsHigh)).to.deep.equal({ widthPx: 1280, heightPx: 720 });
    expect(sizeIn('video/H264', `78 0019 ${spsBaseline} 0005 68cb83cb20`)).to.deep.equal({
      widthPx: 640,
      heightPx: 360,
    });
    expect(sizeIn('video/H264', '')).to.equal(null);
    expect(sizeIn('video/H264', '65b84000')).to.equal(null);
    expect(sizeIn('video/H264', '78 0005 68cb83cb20')).to.equal(null);
    expect(sizeIn('video/H264', `78 0100 ${spsBaseline}`)).to.equal(null);
  });

  it('is found in noise at most by chance, and never breaks', () => {
    for (let seed = 0; seed < 20_000; seed += 1)
      for (const mimeType of ['video/VP8', 'video/H264']) sizeIn(mimeType, noise(1 + (seed % 60), seed));
    expect(sizeReaderOf('audio/opus')).to.equal(null);
  });
});
