import { type Chunk, type Description, moov, type Sample } from './mp4-tables.ts';
import type { ByteSink } from './sink.ts';

const MAX_CHUNK_BYTES = 1024 * 1024;

interface Frame {
  /** In TIMESCALE units. */
  at: number;
  keyframe: boolean;
  data: Buffer;
  size: { width: number; height: number };
  configuration: Buffer;
}

/**
 * MP4 with one H.264 track (ISO/IEC 14496-12 and -15), written front to back: the media first, the tables, which
 * are held in memory (about 20 bytes a frame), at the end.
 */
export class Mp4Writer {
  readonly #sink: ByteSink;
  readonly #duration: number;
  readonly #samples: Sample[] = [];
  readonly #chunks: Chunk[] = [];
  readonly #descriptions: Description[] = [];
  #chunkBytes = 0;

  private constructor(sink: ByteSink, duration: number) {
    this.#sink = sink;
    this.#duration = duration;
  }

  /** @param duration of the whole file in TIMESCALE units; the last frame stands until then */
  static async start(sink: ByteSink, duration: number): Promise<Mp4Writer> {
    await sink.write(FILE_TYPE);
    await sink.write(MEDIA_DATA);
    return new Mp4Writer(sink, duration);
  }

  /** Times ascend; the first frame is a keyframe. */
  async frame({ at, keyframe, data, size, configuration }: Frame): Promise<void> {
    let description = this.#descriptions.findIndex(known => known.configuration.equals(configuration));
    if (description < 0) description = this.#descriptions.push({ configuration, size }) - 1;
    let chunk = this.#chunks.at(-1);
    if (
      chunk === undefined ||
      keyframe ||
      chunk.description !== description ||
      this.#chunkBytes > MAX_CHUNK_BYTES
    ) {
      chunk = { offset: this.#sink.position, samples: 0, description };
      this.#chunks.push(chunk);
      this.#chunkBytes = 0;
    }
    chunk.samples += 1;
    this.#chunkBytes += data.length;
    this.#samples.push({ at, bytes: data.length, keyframe });
    await this.#sink.write(data);
  }

  async close(): Promise<void> {
    const mediaBytes = Buffer.alloc(8);
    mediaBytes.writeBigUInt64BE(BigInt(this.#sink.position - FILE_TYPE.length));
    this.#sink.patch(FILE_TYPE.length + 8, mediaBytes);
    await this.#sink.write(
      moov({
        duration: this.#duration,
        samples: this.#samples,
        chunks: this.#chunks,
        descriptions: this.#descriptions,
      }),
    );
  }
}

const FILE_TYPE = Buffer.concat([
  Buffer.from([0, 0, 0, 28]),
  Buffer.from('ftypisom\0\0\x02\0isomiso2mp41', 'latin1'),
]);
/** With a 64-bit size, patched in at the end. */
const MEDIA_DATA = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from('mdat'), Buffer.alloc(8)]);
