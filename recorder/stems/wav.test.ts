import { expect } from 'chai';
import { wavHeader, wavPadding } from './wav.ts';

describe('WAV headers', () => {
  it('are RIFF as far as 32 bits reach', () => {
    const header = wavHeader(1001, 1);
    expect(header).to.have.length(44);
    expect(header.toString('latin1', 0, 4)).to.equal('RIFF');
    expect(header.readUInt32LE(40)).to.equal(3003);
    expect(header.readUInt32LE(4)).to.equal(44 + 3003 + 1 - 8);
    expect(wavPadding(1001, 1)).to.have.length(1);
  });

  it('are RF64 beyond, with the sizes in 64 bits', () => {
    const samples = 20 * 3600 * 48_000;
    const header = wavHeader(samples, 2);
    expect(header.toString('latin1', 0, 4)).to.equal('RF64');
    expect(header.toString('latin1', 8, 16)).to.equal('WAVEds64');
    expect(header.readBigUInt64LE(20)).to.equal(BigInt(header.length - 8 + samples * 6));
    expect(header.readBigUInt64LE(28)).to.equal(BigInt(samples * 6));
    expect(header.readBigUInt64LE(36)).to.equal(BigInt(samples));
    expect(header.toString('latin1', 48, 52)).to.equal('fmt ');
    expect(header.readUInt32LE(header.length - 4)).to.equal(0xffff_ffff);
  });
});
