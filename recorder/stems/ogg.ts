import { OPUS_RATE_HZ } from './opus.ts';

/**
 * Opus packets as an Ogg stream (RFC 3533, RFC 7845), one packet a page. Granule positions count decoded samples without
 * gaps.
 */
export class OggOpus {
  readonly #preSkip: number;
  #page = 0;
  #granule = 0;

  /** @param preSkip so many decoded samples at the start are not played */
  constructor(preSkip: number) {
    this.#preSkip = preSkip;
  }

  *head(channels: 1 | 2): Generator<Buffer> {
    const head = Buffer.alloc(19);
    head.write('OpusHead', 0, 'latin1');
    head.writeUInt8(1, 8);
    head.writeUInt8(channels, 9);
    head.writeUInt16LE(this.#preSkip, 10);
    head.writeUInt32LE(OPUS_RATE_HZ, 12);
    yield this.#write(head, FIRST_PAGE);
    const tags = Buffer.alloc(16);
    tags.write('OpusTags', 0, 'latin1');
    yield this.#write(tags, 0);
  }

  packet(payload: Uint8Array, samples: number): Buffer {
    this.#granule += samples;
    return this.#write(payload, 0);
  }

  /** The last packet. What it holds behind so many decoded samples, counted from the stream's first, is cut off. */
  lastPacket(payload: Uint8Array, totalSamples: number): Buffer {
    this.#granule = totalSamples;
    return this.#write(payload, LAST_PAGE);
  }

  #write(packet: Uint8Array, flags: number): Buffer {
    // A lacing value below 255 ends a packet; the longest valid Opus packet fits a page.
    const segments = Math.floor(packet.length / 255) + 1;
    if (segments > 255) throw new RangeError('an Opus packet that does not fit a page');
    const page = Buffer.alloc(PAGE_HEAD_BYTES + segments + packet.length);
    page.write('OggS', 0, 'latin1');
    page.writeUInt8(flags, 5);
    page.writeBigUInt64LE(BigInt(this.#granule), 6);
    page.writeUInt32LE(SERIAL, 14);
    page.writeUInt32LE(this.#page, 18);
    page.writeUInt8(segments, 26);
    page.fill(255, PAGE_HEAD_BYTES, PAGE_HEAD_BYTES + segments - 1);
    page.writeUInt8(packet.length % 255, PAGE_HEAD_BYTES + segments - 1);
    page.set(packet, PAGE_HEAD_BYTES + segments);
    page.writeUInt32LE(oggCrc(page), 22);
    this.#page += 1;
    return page;
  }
}

const PAGE_HEAD_BYTES = 27;
const FIRST_PAGE = 0x02;
const LAST_PAGE = 0x04;
const SERIAL = 1;

/** CRC-32 with polynomial 0x04c11db7, not reflected, initial value and final XOR zero: not zlib's. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value;
});

function oggCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
  return crc >>> 0;
}
