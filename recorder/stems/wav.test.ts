import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './fixtures/media.ts';
import { WAV_HEADER_BYTES, wavHeader, wavPadding } from './wav.ts';

const origin = { description: '01-zoë-mic', startedAt: '2026-03-01T13:45:10.250Z' };

describe('WAV headers', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-wav-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  /** What ffprobe finds in a file of so many (silent) samples, which takes no room on the disk. */
  async function probed(samples: number, channels: number) {
    const path = join(directory, `${samples}.wav`);
    const file = await open(path, 'w');
    const header = wavHeader(samples, channels, origin);
    await file.write(header);
    await file.truncate(header.length + samples * channels * 3 + wavPadding(samples, channels).length);
    await file.close();
    const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', path];
    const { format, streams } = JSON.parse((await run('ffprobe', args)).toString());
    return { header, format, stream: streams[0] };
  }

  it('are RIFF as far as 32 bits reach, and tell editors when the file begins', async () => {
    const { header, format, stream } = await probed(48_001, 1);
    expect(header.toString('latin1', 0, 4)).to.equal('RIFF');
    expect(header).to.have.length(WAV_HEADER_BYTES);
    expect(header.readUInt32LE(4)).to.equal(header.length - 8 + 48_001 * 3 + 1);
    expect(stream).to.include({ codec_name: 'pcm_s24le', duration_ts: 48_001, channels: 1 });
    expect(format.tags).to.deep.include({
      comment: '01-zo?-mic',
      encoded_by: 'CraterSync',
      date: '2026-03-01',
      creation_time: '13:45:10',
      time_reference: String((13 * 3600 + 45 * 60 + 10.25) * 48_000),
    });
  });

  it('are RF64 beyond 4 GiB, with the sizes in 64 bits, which another program reads', async () => {
    const samples = 20 * 3600 * 48_000;
    const { header, format, stream } = await probed(samples, 2);
    expect(header.toString('latin1', 0, 4)).to.equal('RF64');
    expect(header.toString('latin1', 8, 16)).to.equal('WAVEds64');
    expect(header.readBigUInt64LE(20)).to.equal(BigInt(header.length - 8 + samples * 6));
    expect(stream).to.include({ codec_name: 'pcm_s24le', duration_ts: samples, channels: 2 });
    expect(format.tags).to.include({ date: '2026-03-01' });
  });

  it('stay RIFF to the last byte that fits', () => {
    const room = 0xffff_ffff - (WAV_HEADER_BYTES - 8);
    const fits = Math.floor(room / 3);
    expect(wavHeader(fits, 1, origin).toString('latin1', 0, 4)).to.equal('RIFF');
    expect(wavHeader(fits + 2, 1, origin).toString('latin1', 0, 4)).to.equal('RF64');
  });
});
