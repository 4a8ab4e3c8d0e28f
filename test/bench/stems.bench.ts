// What stems cost, beside plain ffmpeg doing the same, and how long people wait for them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journal, opusInfo, type TestTrack, videoInfo } from '@cratersync/recorder/testing';
import { type Clips, encodeClips, repeated } from './clips.ts';
import { bench, type Figures } from './figures.ts';
import { costOf, fill, talk, work } from './stems-work.ts';

const PEOPLE = 4;
const HOUR_S = Number(process.env['BENCH_SECONDS'] ?? 3600);
const FILM_S = 120;

await bench('stems', 40 * 60_000, async figures => {
  const clips = await encodeClips();
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-stems-'));
  try {
    await measureSound(figures, clips, join(folder, 'sound'));
    await measureFilm(figures, clips, join(folder, 'film'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** One hour of four people, sound only. */
async function measureSound(figures: Figures, clips: Clips, folder: string): Promise<void> {
  await fill(folder, talk(clips, PEOPLE, HOUR_S), HOUR_S);
  const said = `${HOUR_S / 60} minutes, ${PEOPLE} people`;
  const { mbPerS } = (await work('assemble', folder)).told;
  figures.set('assemble_mb_per_s', mbPerS ?? null, 'read, decrypted and taken apart, MB of packets');
  const ogg = join(folder, 'plain.ogg');
  await plainOgg(clips, ogg);
  const cpu: Record<string, number> = {};
  for (const format of ['wav', 'flac'] as const) {
    const decode = ['-v', 'error', '-y', '-threads', '1', '-c:a', 'libopus', '-i', ogg];
    const encode = format === 'wav' ? ['-c:a', 'pcm_s24le'] : ['-c:a', 'flac', '-sample_fmt', 's32'];
    let plainS = 0;
    const plain = async (people: number) => {
      for (let person = 0; person < people; person += 1)
        plainS += (await costOf('ffmpeg', [...decode, ...encode, join(folder, `plain.${format}`)])).cpuS;
    };
    // Before and after ours: what else the machine does costs both alike.
    await plain(PEOPLE / 2);
    const ours = await work(format, folder);
    await plain(PEOPLE / 2);
    cpu[format] = ours.cpuS;
    figures.set(
      `${format}_ffmpeg_ratio`,
      ours.cpuS / plainS,
      `CPU time of ours (${said}) by that of ffmpeg decoding the same Opus to ${format.toUpperCase()}`,
    );
  }
  figures.set(
    'wav_realtime_factor',
    (HOUR_S * PEOPLE) / (cpu['wav'] ?? Number.NaN),
    'sound by CPU time, of a core',
  );
  const { told } = await work('all', folder);
  const heard = (await work('preview', folder)).told;
  figures.set(
    'preview_s',
    heard['previewS'] ?? null,
    `until the first second of all ${PEOPLE} can be heard, before anything is rendered`,
  );
  figures.set('preview_seek_s', heard['seekS'] ?? null, 'the same, from the middle');
  figures.set(
    'first_stem_s',
    told['firstReadyS'] ?? null,
    `until the first stem is there; ${said}, two at a time`,
  );
  figures.set(
    'all_stems_s',
    told['allReadyS'] ?? null,
    'until all are there: WAV, FLAC, .m4a and waveform of each',
  );
  figures.set(
    'peak_rss_mb',
    told['peakRssMb'] ?? null,
    'the worker’s own process meanwhile; each ffmpeg beside it holds some 30',
  );
}

/** A camera as a film at 30 pictures a second, beside ffmpeg with the same settings. */
async function measureFilm(figures: Figures, clips: Clips, folder: string): Promise<void> {
  const [mic, camera] = [opusInfo(1), videoInfo('video/VP8', 2)];
  const tracks: TestTrack[] = [
    {
      person: 0,
      source: 'mic',
      info: mic,
      records: journal(repeated(clips.audio, FILM_S), mic, { startS: 0 }),
    },
    {
      person: 0,
      source: 'camera',
      info: camera,
      records: journal(repeated(clips.video, FILM_S), camera, { startS: 0 }),
    },
  ];
  await fill(folder, tracks, FILM_S);
  const all = await work('all', folder);
  const film = await work('cfr', folder);
  const ogg = join(folder, 'plain.ogg');
  const ivf = join(folder, 'plain.ivf');
  await plainOgg(clips, ogg, FILM_S);
  await writeFile(ivf, ivfOf(clips, FILM_S));
  const plain = await costOf('ffmpeg', [
    ...['-v', 'error', '-y', '-threads', '1', '-i', ivf, '-i', ogg, '-threads', '1'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '20',
      '-pix_fmt',
      'yuv420p',
      '-bf',
      '0',
      '-g',
      '60',
    ],
    ...[
      '-keyint_min',
      '30',
      '-r',
      '30',
      '-vsync',
      'cfr',
      '-c:a',
      'aac',
      '-b:a',
      '112k',
      join(folder, 'plain.mp4'),
    ],
  ]);
  figures.set(
    'cfr_mp4_ffmpeg_ratio',
    (film.cpuS - all.cpuS) / plain.cpuS,
    `CPU time of ours (${FILM_S / 60} minutes of 640×360) by that of ffmpeg with the same settings`,
  );
  figures.set(
    'video_copy_realtime_factor',
    FILM_S / (all.told['allReadyS'] ?? Number.NaN),
    'WebM as it was sent, its small pictures, and the sound beside it',
  );
}

/** The same Opus that the recording holds, as one file: encoded once, and repeated by ffmpeg without being encoded again. */
async function plainOgg({ audio }: Clips, path: string, seconds = HOUR_S): Promise<void> {
  const list = `${path}.txt`;
  const one = `${path}.clip.ogg`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${audio.seconds}`;
  const encode = ['-v', 'error', '-y', '-f', 'lavfi', '-i', tone, '-c:a', 'libopus', '-b:a', '96k', one];
  await costOf('ffmpeg', encode);
  await writeFile(list, `file '${one}'\n`.repeat(Math.ceil(seconds / audio.seconds)));
  await costOf('ffmpeg', ['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', path]);
}

/** The same VP8, in the simplest file there is. */
function ivfOf({ video }: Clips, seconds: number): Buffer {
  const head = Buffer.alloc(32);
  head.write('DKIF');
  head.writeUInt16LE(32, 6);
  head.write('VP80', 8);
  head.writeUInt16LE(640, 12);
  head.writeUInt16LE(360, 14);
  head.writeUInt32LE(30, 16);
  head.writeUInt32LE(1, 20);
  const frames = repeated(video, seconds).map(({ mediaS, payloads }) => {
    // Each payload has four bytes of RTP's before the picture's own.
    const data = Buffer.concat(payloads.map(payload => payload.subarray(4)));
    const frame = Buffer.alloc(12);
    frame.writeUInt32LE(data.length);
    frame.writeBigUInt64LE(BigInt(Math.round(mediaS * 30)), 4);
    return Buffer.concat([frame, data]);
  });
  return Buffer.concat([head, ...frames]);
}
