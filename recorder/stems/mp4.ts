import { type AudioTables, type Movie, moov, type VideoTables } from './mp4-tables.ts';
import { NumberList } from './number-list.ts';
import type { ByteSink } from './sink.ts';

const MAX_CHUNK_BYTES = 1024 * 1024;

interface VideoFrame {
  /** In TIMESCALE units. */
  at: number;
  keyframe: boolean;
  data: Buffer;
  size: { width: number; height: number };
  configuration: Buffer;
}

type AudioShape = Pick<
  AudioTables,
  'rateHz' | 'channels' | 'frameSamples' | 'primingSamples' | 'totalSamples'
> & {
  configuration: Buffer;
};

/**
 * MP4 with H.264, AAC or both (ISO/IEC 14496-12, -14 and -15), written front to back: the media first, the tables,
 * which are held in memory (about 10 bytes a frame), at the end.
 */
export class Mp4Writer {
  readonly #sink: ByteSink;
  readonly #movie: Movie;
  #video: { tables: VideoTables; lastAt: number } | null = null;
  #audio: AudioTables | null = null;
  /** What the last chunk belongs to, and how much is in it. */
  #open: { tables: VideoTables | AudioTables; bytes: number } | null = null;

  private constructor(sink: ByteSink, movie: Movie) {
    this.#sink = sink;
    this.#movie = movie;
  }

  /** The last picture stands until the end of the movie. */
  static async start(sink: ByteSink, movie: Movie): Promise<Mp4Writer> {
    await sink.write(FILE_TYPE);
    await sink.write(MEDIA_DATA);
    return new Mp4Writer(sink, movie);
  }

  /** Times ascend; the first frame is a keyframe. */
  async frame({ at, keyframe, data, size, configuration }: VideoFrame): Promise<void> {
    if (this.#video === null) {
      const lists = { bytes: new NumberList(), durations: new NumberList(), keyframes: new NumberList() };
      this.#video = {
        tables: { kind: 'video', start: at, chunks: [], descriptions: [], ...lists },
        lastAt: at,
      };
    } else {
      this.#video.tables.durations.push(at - this.#video.lastAt);
      this.#video.lastAt = at;
    }
    const { tables } = this.#video;
    let description = tables.descriptions.findIndex(known => known.configuration.equals(configuration));
    if (description < 0) description = tables.descriptions.push({ configuration, size }) - 1;
    if (keyframe) tables.keyframes.push(tables.bytes.length + 1);
    await this.#sample(tables, data, description, keyframe);
  }

  /** Announces sound; its frames follow in order. */
  startAudio(shape: AudioShape): void {
    this.#audio = { kind: 'audio', bytes: new NumberList(), chunks: [], ...shape };
  }

  async audioFrame(data: Buffer): Promise<void> {
    if (this.#audio === null) throw new Error('sound that was not announced');
    await this.#sample(this.#audio, data, 0, false);
  }

  async close(): Promise<void> {
    const mediaBytes = Buffer.alloc(8);
    mediaBytes.writeBigUInt64BE(BigInt(this.#sink.position - FILE_TYPE.length));
    this.#sink.patch(FILE_TYPE.length + 8, mediaBytes);
    const tracks = [this.#video?.tables, this.#audio].filter(track => track !== undefined && track !== null);
    await this.#sink.write(moov(tracks, this.#movie));
  }

  async #sample(
    tables: VideoTables | AudioTables,
    data: Buffer,
    description: number,
    alone: boolean,
  ): Promise<void> {
    let chunk = tables.chunks.at(-1);
    const goesOn =
      this.#open?.tables === tables &&
      this.#open.bytes <= MAX_CHUNK_BYTES &&
      chunk?.description === description;
    if (chunk === undefined || !goesOn || alone) {
      chunk = { offset: this.#sink.position, samples: 0, description };
      tables.chunks.push(chunk);
      this.#open = { tables, bytes: 0 };
    }
    chunk.samples += 1;
    tables.bytes.push(data.length);
    if (this.#open !== null) this.#open.bytes += data.length;
    await this.#sink.write(data);
  }
}

const FILE_TYPE = Buffer.concat([
  Buffer.from([0, 0, 0, 28]),
  Buffer.from('ftypisom\0\0\x02\0isomiso2mp41', 'latin1'),
]);
/** With a 64-bit size, patched in at the end. */
const MEDIA_DATA = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from('mdat'), Buffer.alloc(8)]);
export const MEDIA_START = FILE_TYPE.length + MEDIA_DATA.length;
