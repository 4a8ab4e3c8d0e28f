import { runFfmpeg } from './ffmpeg.ts';
import { PICTURE_INPUT } from './grid.ts';
import type { ByteSink } from './sink.ts';
import { mp4TablesFirst, type StoredFile } from './stored-file.ts';

/** Pictures in a row of the sheet, and at most on it. */
const COLUMNS = 10;
const MOST = 100;
const SHORTEST_INTERVAL_US = 2e6;
const TILE = { width: 160, height: 90 };

/** How far apart a sheet's pictures are, and how many there are: the first stands for the recording's first instant. */
function thumbTimes(durationUs: number): { intervalUs: number; count: number } {
  const intervalUs = Math.max(SHORTEST_INTERVAL_US, durationUs / MOST);
  return { intervalUs, count: Math.max(1, Math.ceil(durationUs / intervalUs - 1e-9)) };
}

/**
 * One JPEG with small pictures of a stem, evenly spread over the recording, in rows of ten. Only keyframes are decoded:
 * an hour takes seconds.
 */
export async function writeThumbs(
  file: StoredFile,
  format: 'webm' | 'mp4',
  durationUs: number,
  sink: ByteSink,
): Promise<void> {
  const { intervalUs, count } = thumbTimes(durationUs);
  const bytes = format === 'webm' ? file.read(0, file.bytes - 1) : mp4TablesFirst(file);
  const container = ['-f', format === 'webm' ? 'matroska' : 'mov'];
  const { width, height } = TILE;
  const filter = [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=black,setsar=1`,
    // Rounded up: a picture stands for the time from its own instant on.
    `fps=${1e6 / intervalUs}:start_time=0:round=up,tpad=stop=-1:stop_mode=clone,trim=end_frame=${count}`,
    `tile=${COLUMNS}x${Math.ceil(count / COLUMNS)}`,
  ].join(',');
  const options = [...PICTURE_INPUT, '-skip_frame', 'nokey', ...container];
  const output = ['-an', '-vf', filter, '-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe'];
  for await (const part of runFfmpeg([{ options, bytes }], output)) await sink.write(part);
}
