import { FILM_FPS } from './film.ts';

/** How pictures are laid beside each other. */
interface GridTile {
  name: string;
}

const TILE = { width: 640, height: 360 };
const NAME_HEIGHT = 36;

/** Pictures of any sizes at a steady pace and of one size, from time zero until nobody wants any more; the last one stays. */
export function steady({ width, height }: { width: number; height: number }): string {
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2`;
  const pad = `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=black,setsar=1`;
  return `${fit},${pad},fps=${FILM_FPS}:start_time=0,tpad=stop=-1:stop_mode=clone`;
}

/**
 * How a stem's pictures are read. A size that changes under way must not begin the whole filter anew: `scale` follows it by
 * itself. And the first picture is not at zero because it is the first (`copyts`).
 */
export const PICTURE_INPUT = ['-copyts', '-reinit_filter', '0'];

/**
 * @returns an ffmpeg filter over inputs 0, 1, …, one for each tile: as square a grid as can be, each picture whole in
 * its tile, its name below it on the left
 */
export function gridFilter(tiles: readonly GridTile[]): string {
  const columns = Math.ceil(Math.sqrt(tiles.length));
  const { width, height } = TILE;
  const fitted = tiles.map(({ name }, index) => {
    const text =
      `drawtext=expansion=none:text=${quoted(name)}:font=Sans:fontsize=20:fontcolor=white:` +
      `box=1:boxcolor=black@0.55:boxborderw=6:x=12:y=h-${NAME_HEIGHT}`;
    return `[${index}:v]${steady({ width, height })},${text}[t${index}]`;
  });
  if (tiles.length === 1) return `${fitted[0]};[t0]null[out]`;
  const places = tiles.map((_, index) => {
    const row = Math.floor(index / columns);
    return `${(index % columns) * width}_${row * height}`;
  });
  const labels = tiles.map((_, index) => `[t${index}]`).join('');
  const stack = `${labels}xstack=inputs=${tiles.length}:layout=${places.join('|')}:fill=black[out]`;
  return [...fitted, stack].join(';');
}

/**
 * Text for an option of a filter, which is unwrapped twice: by the graph's parser and by the filter's (ffmpeg-utils,
 * "Quoting and escaping"). Control characters have no place in a picture.
 */
function quoted(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  const forFilter = plain.replace(/[\\':]/g, '\\$&');
  return forFilter.replace(/[\\'[\],;]/g, '\\$&');
}
