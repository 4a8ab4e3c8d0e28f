import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bitrateBps, type Clips, encodeClips, packetsPerS, repeated } from './clips.ts';
import { median } from './figures.ts';
import { loadRecorder } from './load.ts';
import { withTraffic } from './road-load.ts';
import { fill, talk, work } from './stems-work.ts';
import { cpuUsOf, rssMbOf } from './usage.ts';

describe('the benchmarks', function () {
  this.timeout(120_000);
  let clips: Clips;
  before(async () => {
    clips = await encodeClips(3);
  });

  it('send what they say: 50 packets of Opus a second, and VP8 at 1.5 Mb/s', () => {
    expect(packetsPerS(clips.audio)).to.equal(50);
    expect(bitrateBps(clips.video)).to.be.closeTo(1_500_000, 400_000);
    const twice = repeated(clips.video, 2 * clips.video.seconds);
    expect(twice).to.have.length(2 * clips.video.units.length);
    expect(twice.at(-1)?.mediaS).to.be.closeTo(2 * clips.video.seconds, 0.05);
  });

  it('have a real recorder store what they send, and take its CPU time by packet', async () => {
    await withTraffic(clips, async traffic => {
      const load = await loadRecorder(traffic, { tracks: 4, warmUpMs: 500, windowMs: 1500, speed: 3 });
      // On a busy machine some may still wait in the ports when it stops.
      expect(load.packetsLost).to.equal(load.packetsUnread);
      expect(load.packetsUnread).to.be.lessThan(load.packetsSent);
      expect(load.packetsSent).to.be.greaterThan(100);
      expect(load.cpuUsPerPacket).to.be.greaterThan(0);
      expect(load.rssMb[0]).to.be.greaterThan(load.idleRssMb / 2);
    });
  });

  it('read a process’s CPU time and memory as the system counts them', () => {
    const { user, system } = process.cpuUsage();
    expect(cpuUsOf(process.pid)).to.be.closeTo(user + system, 100_000);
    expect(rssMbOf(process.pid)).to.be.closeTo(process.memoryUsage.rss() / 2 ** 20, 20);
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
  });
});

describe('a worker’s memory', function () {
  this.timeout(240_000);
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-memory-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  it('does not grow with the length of what it renders in all formats, two at a time', async () => {
    const clips = await encodeClips(10);
    const peakMb = async (seconds: number) => {
      const recording = join(folder, String(seconds));
      await fill(recording, talk(clips, 2, seconds), seconds);
      const { told } = await work('all', recording);
      return told['peakRssMb'] ?? Number.NaN;
    };
    const shortMb = await peakMb(100);
    const longMb = await peakMb(400);
    // Without letting go of what has been done with, it is 40.
    expect(longMb - shortMb).to.be.below(20);
    expect(longMb).to.be.below(200);
  });
});
