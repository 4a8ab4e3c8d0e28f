/** The boxes that MP4 files are made of (ISO/IEC 14496-12), and what describes their codecs. */

export function box(type: string, ...parts: Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(bytes), Buffer.from(type, 'latin1'), ...parts]);
}

export const full = (type: string, version: number, flags: number, ...parts: Buffer[]): Buffer =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** Lists grow with the recording: too long to be passed as arguments. */
export function list32(values: ArrayLike<number> & Iterable<number>): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  let offset = 0;
  for (const value of values) offset = bytes.writeUInt32BE(value, offset);
  return bytes;
}

export function list64(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), index * 8);
  return bytes;
}

export const u32 = (...values: number[]): Buffer => list32(values);
export const u64 = (...values: number[]): Buffer => list64(values);

/** H.264 (ISO/IEC 14496-15). */
export function avcSampleEntry({
  configuration,
  size,
}: {
  configuration: Buffer;
  size: { width: number; height: number };
}): Buffer {
  return box(
    'avc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(size.width, size.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box('avcC', configuration),
  );
}

/** AAC (ISO/IEC 14496-14): the decoder's configuration lies in descriptors within descriptors. */
export function aacSampleEntry({
  rateHz,
  channels,
  configuration,
}: {
  rateHz: number;
  channels: number;
  configuration: Buffer;
}): Buffer {
  const specific = descriptor(5, configuration);
  // Object type 0x40 is MPEG-4 audio, stream type 5 is sound. No buffer size and no bitrates are told.
  const decoder = descriptor(4, Buffer.from([0x40, 0x15, 0, 0, 0]), u32(0, 0), specific);
  const stream = descriptor(3, u16(0), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2])));
  return box(
    'mp4a',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(channels, 16, 0, 0),
    u32(rateHz * 65_536),
    full('esds', 0, 0, stream),
  );
}

function descriptor(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, body.length]), body]);
}
