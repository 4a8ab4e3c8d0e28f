import { element, idBytes, size8, uint } from './ebml.ts';
import type { ByteSink } from './sink.ts';

/** WebM with one VP8 track, written front to back (RFC 9559; sizes of the head are patched in at the end). */

const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
} as const;

/** A block's time is told in 16 bits of ms from its cluster's. */
const MAX_CLUSTER_MS = 30_000;
const MAX_CLUSTER_BYTES = 4 * 1024 * 1024;

interface Frame {
  atMs: number;
  keyframe: boolean;
  data: Buffer;
}

export class WebmWriter {
  readonly #sink: ByteSink;
  readonly #durationMs: number;
  #size: { width: number; height: number };
  readonly #at: HeadOffsets;
  /** Written when the next one tells how long it lasts. */
  #pending: Frame | null = null;
  #cluster: { startMs: number; bytes: number; parts: Buffer[]; startsWithKeyframe: boolean } | null = null;
  readonly #cues: { atMs: number; position: number }[] = [];

  private constructor(
    sink: ByteSink,
    durationMs: number,
    size: { width: number; height: number },
    at: HeadOffsets,
  ) {
    this.#sink = sink;
    this.#durationMs = durationMs;
    this.#size = size;
    this.#at = at;
  }

  /** @param durationMs of the whole file: the last frame stands until then */
  static async start(
    sink: ByteSink,
    durationMs: number,
    size: { width: number; height: number },
  ): Promise<WebmWriter> {
    const { bytes, at } = head(durationMs, size);
    await sink.write(bytes);
    return new WebmWriter(sink, durationMs, size, at);
  }

  /** Times ascend; the first frame is a keyframe. */
  async frame(frame: Frame, size: { width: number; height: number }): Promise<void> {
    // Senders begin small and grow: the track's size is the largest, to which players scale the others.
    this.#size = size.width * size.height > this.#size.width * this.#size.height ? size : this.#size;
    if (this.#pending !== null) await this.#write(this.#pending, null);
    this.#pending = frame;
  }

  async close(): Promise<void> {
    if (this.#pending !== null) {
      await this.#write(this.#pending, Math.max(1, this.#durationMs - this.#pending.atMs));
    }
    await this.#endCluster();
    const cuesPosition = this.#sink.position - this.#at.segmentData;
    await this.#sink.write(this.#cueTable());
    this.#sink.patch(this.#at.segmentSize, size8(this.#sink.position - this.#at.segmentData));
    this.#sink.patch(this.#at.cuesPosition, uint(cuesPosition, 8));
    this.#sink.patch(this.#at.width, uint(this.#size.width, 2));
    this.#sink.patch(this.#at.height, uint(this.#size.height, 2));
  }

  async #write(frame: Frame, lastsMs: number | null): Promise<void> {
    const open = this.#cluster;
    const full =
      open !== null &&
      (frame.keyframe || frame.atMs - open.startMs > MAX_CLUSTER_MS || open.bytes > MAX_CLUSTER_BYTES);
    if (full) await this.#endCluster();
    this.#cluster ??= { startMs: frame.atMs, bytes: 0, parts: [], startsWithKeyframe: frame.keyframe };
    const block = blockOf(frame, frame.atMs - this.#cluster.startMs, lastsMs);
    this.#cluster.parts.push(block);
    this.#cluster.bytes += block.length;
  }

  async #endCluster(): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === null) return;
    this.#cluster = null;
    if (cluster.startsWithKeyframe) {
      this.#cues.push({ atMs: cluster.startMs, position: this.#sink.position - this.#at.segmentData });
    }
    await this.#sink.write(element(ID.cluster, element(0xe7, uint(cluster.startMs)), ...cluster.parts));
  }

  #cueTable(): Buffer {
    const points = this.#cues.map(({ atMs, position }) => {
      const track = element(0xb7, element(0xf7, uint(1)), element(0xf1, uint(position)));
      return element(0xbb, element(0xb3, uint(atMs)), track);
    });
    return element(ID.cues, ...points);
  }
}

interface HeadOffsets {
  segmentSize: number;
  /** What all positions in the file are counted from. */
  segmentData: number;
  cuesPosition: number;
  width: number;
  height: number;
}

function head(
  durationMs: number,
  size: { width: number; height: number },
): { bytes: Buffer; at: HeadOffsets } {
  const ebml = ebmlHeader();
  const segment = Buffer.concat([idBytes(ID.segment), size8(0)]);
  const info = infoOf(durationMs);
  const seek = (id: number, position: number) =>
    element(0x4dbb, element(0x53ab, idBytes(id)), element(0x53ac, uint(position, 8)));
  const seekHeadOf = (...positions: [number, number, number]) =>
    element(
      ID.seekHead,
      seek(ID.info, positions[0]),
      seek(ID.tracks, positions[1]),
      seek(ID.cues, positions[2]),
    );
  // Positions have a fixed width, so the length of the seek head is known before them.
  const seekBytes = seekHeadOf(0, 0, 0).length;
  const seekHead = seekHeadOf(seekBytes, seekBytes + info.length, 0);
  const bytes = Buffer.concat([ebml, segment, seekHead, info, tracksOf(size)]);
  const segmentData = ebml.length + segment.length;
  const at = {
    segmentSize: segmentData - 8,
    segmentData,
    cuesPosition: segmentData + seekBytes - 8,
    // The video element is the last of the head, its height the last two bytes, its width the two before that one's head.
    height: bytes.length - 2,
    width: bytes.length - 6,
  };
  return { bytes, at };
}

function ebmlHeader(): Buffer {
  return element(
    ID.ebml,
    element(0x4286, uint(1)),
    element(0x42f7, uint(1)),
    element(0x42f2, uint(4)),
    element(0x42f3, uint(8)),
    element(0x4282, Buffer.from('webm')),
    element(0x4287, uint(4)),
    element(0x4285, uint(2)),
  );
}

/** Times in ms, the duration, and who wrote it. */
function infoOf(durationMs: number): Buffer {
  const duration = Buffer.alloc(8);
  duration.writeDoubleBE(durationMs);
  const app = Buffer.from('CraterSync');
  return element(
    ID.info,
    element(0x2ad7b1, uint(1_000_000)),
    element(0x4489, duration),
    element(0x4d80, app),
    element(0x5741, app),
  );
}

/** Track 1 without lacing, of type video. */
function tracksOf(size: { width: number; height: number }): Buffer {
  const entry = element(
    0xae,
    element(0xd7, uint(1)),
    element(0x73c5, uint(1)),
    element(0x9c, uint(0)),
    element(0x83, uint(1)),
    element(0x86, Buffer.from('V_VP8')),
    element(0xe0, element(0xb0, uint(size.width, 2)), element(0xba, uint(size.height, 2))),
  );
  return element(ID.tracks, entry);
}

/** A SimpleBlock; for the last frame a BlockGroup, which can tell how long it lasts. */
function blockOf(frame: Frame, offsetMs: number, lastsMs: number | null): Buffer {
  const front = Buffer.alloc(4);
  front.writeUInt8(0x81, 0);
  front.writeInt16BE(offsetMs, 1);
  front.writeUInt8(lastsMs === null && frame.keyframe ? 0x80 : 0, 3);
  if (lastsMs === null) return element(0xa3, front, frame.data);
  // Without a reference the block is a keyframe.
  const reference = frame.keyframe ? [] : [element(0xfb, Buffer.from([0xff]))];
  return element(0xa0, element(0xa1, front, frame.data), element(0x9b, uint(lastsMs)), ...reference);
}
