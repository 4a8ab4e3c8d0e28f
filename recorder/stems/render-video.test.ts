import { expect } from 'chai';
import { decodeClean, run } from './fixtures/media.ts';
import { journal, sessionS, type TestTrack, videoInfo } from './fixtures/recording.ts';
import { probe, renderAll, saved } from './fixtures/render.ts';
import { h264Units, vp8Units } from './fixtures/video.ts';

/** Average luma of each picture of a file at 10 pictures a second: black is 16. */
async function lumas(path: string): Promise<number[]> {
  const raw = await decodeClean(path, ['-vf', 'fps=10,scale=16:12', '-pix_fmt', 'gray', '-f', 'rawvideo']);
  return Array.from({ length: Math.floor(raw.length / 192) }, (_, index) => {
    const picture = raw.subarray(index * 192, (index + 1) * 192);
    return picture.reduce((sum, value) => sum + value, 0) / 192;
  });
}

describe('video stems', () => {
  it('of VP8 are WebM of the whole length, black where the camera was not there', async () => {
    const info = videoInfo('video/VP8', 5);
    const clip = await vp8Units({ seconds: 4 });
    const records = journal(clip, info, { startS: 2 });
    const back: TestTrack = { person: 1, source: 'camera', info: videoInfo('video/VP8', 6), records: [] };
    back.records = journal(clip, back.info, { startS: 9 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }, back], 15);
    expect(stem?.notes).to.deep.equal([]);
    const path = await saved(stem, 'webm');
    expect(await probe(path)).to.deep.equal({ duration: 15, codec: 'vp8', width: 320, height: 240 });
    const luma = await lumas(path);
    const dark = (second: number) => (luma[Math.round(second * 10)] ?? 0) < 20;
    expect([0, 1, 1.8, 7.2, 8.8, 14.2].map(dark), 'black').to.deep.equal(Array(6).fill(true));
    expect([2.2, 4, 6.5, 9.2, 12.8].map(dark), 'picture').to.deep.equal(Array(5).fill(false));
  });

  it('can be sought, by cues that name the clusters', async () => {
    const info = videoInfo('video/VP8', 5);
    const records = journal(await vp8Units({ seconds: 10 }), info, { startS: 0 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 10);
    const path = await saved(stem, 'webm');
    const seek = [
      '-v',
      'error',
      '-read_intervals',
      '7%+#1',
      '-show_entries',
      'frame=pts_time',
      '-of',
      'csv=p=0',
      path,
    ];
    expect(Number.parseFloat((await run('ffprobe', seek)).toString())).to.be.within(5.9, 7.01);
  });

  it('hold the last good picture from a loss to the next keyframe', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const records = journal(await make({ seconds: 3 }), info, { startS: 0, lost: index => index === 27 });
      const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 3);
      const times = [
        '-v',
        'error',
        '-show_entries',
        'packet=pts_time',
        '-of',
        'csv=p=0',
        await saved(stem, format),
      ];
      const pts = (await run('ffprobe', times)).toString().trim().split('\n').map(Number.parseFloat);
      const missing = Array.from({ length: 60 }, (_, i) => i).filter(
        i => !pts.some(t => Math.abs(t - i / 20) < 0.01),
      );
      expect(missing, mime).to.deep.equal([27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
      expect(stem?.notes.join(), mime).to.match(/^12 pictures could not be rebuilt/);
      await decodeClean(await saved(stem, format), ['-f', 'null']);
    }
  });

  it('of H.264 are MP4 of the whole length, and begin when the camera did', async () => {
    const info = videoInfo('video/H264', 5);
    const records = journal(await h264Units({ seconds: 4 }), info, { startS: 2.5, skewPpm: 200 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 10);
    const path = await saved(stem, 'mp4');
    expect(await probe(path)).to.deep.equal({ duration: 10, codec: 'h264', width: 320, height: 240 });
    const times = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
    const pts = (await run('ffprobe', times)).toString().trim().split('\n').map(Number.parseFloat);
    expect(pts).to.have.length(80);
    expect(pts[0]).to.be.closeTo(2.5, 0.005);
    expect(pts[79]).to.be.closeTo(sessionS({ startS: 2.5, skewPpm: 200 }, 79 / 20), 0.005);
    await decodeClean(path, ['-f', 'null']);
  });

  it('go on through a change of resolution', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const small = await make({ seconds: 2 });
      const large = (await make({ seconds: 2, size: '640x480' })).map(unit => ({
        ...unit,
        mediaS: unit.mediaS + 2,
      }));
      const records = journal([...small, ...large], info, { startS: 0 });
      const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 4);
      const path = await saved(stem, format);
      const sizes = await run('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'frame=width',
        '-of',
        'csv=p=0',
        path,
      ]);
      // ffprobe adds lines for what x264 writes about itself.
      const widths = sizes.toString().split('\n').map(Number.parseFloat).filter(Number.isFinite);
      expect(widths, mime).to.deep.equal([...Array(40).fill(320), ...Array(40).fill(640)]);
    }
  });

  it('keep a screen that does not change in sight, until its sharing ends', async () => {
    const info = videoInfo('video/VP8', 5);
    const units = (await vp8Units({ seconds: 1 })).slice(0, 2);
    const records: TestTrack['records'] = journal(units, info, { startS: 0 });
    records.push({ type: 'event', atUs: 6e6, event: { kind: 'closed', cause: 'stopped' } });
    const [stem] = await renderAll([{ person: 1, source: 'screen', info, records }], 8);
    const luma = await lumas(await saved(stem, 'webm'));
    expect((luma[50] ?? 0) < 20).to.equal(false);
    expect((luma[70] ?? 0) < 20).to.equal(true);
  });

  it('hold one codec, and tell of another', async () => {
    const first = videoInfo('video/VP8', 5);
    const second = videoInfo('video/H264', 6);
    const tracks: TestTrack[] = [
      {
        person: 1,
        source: 'camera',
        info: first,
        records: journal(await vp8Units({ seconds: 3 }), first, { startS: 0 }),
      },
      {
        person: 1,
        source: 'camera',
        info: second,
        records: journal(await h264Units({ seconds: 1 }), second, { startS: 4 }),
      },
    ];
    const [stem] = await renderAll(tracks, 6);
    const formats = [...(stem?.files.keys() ?? [])];
    expect(formats.filter(format => format !== 'sync')).to.have.length(1);
    expect(stem?.notes.join()).to.match(/another codec than video\/\w+ is not in this file/);
  });

  it('come out byte for byte the same when rendered again', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const records = journal(await make({ seconds: 2 }), info, { startS: 1 });
      const tracks: TestTrack[] = [{ person: 1, source: 'camera', info, records }];
      const [[once], [again]] = [await renderAll(tracks, 5), await renderAll(tracks, 5)];
      expect(once?.files.get(format)?.equals(again?.files.get(format) ?? Buffer.alloc(0)), mime).to.equal(
        true,
      );
    }
  });
});
