/** The elements that Matroska and WebM files are made of (RFC 8794). */
export function element(id: number, ...parts: Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([idBytes(id), bytes < 0x7f ? Buffer.from([0x80 | bytes]) : size8(bytes), ...parts]);
}

/** Ids carry their own length. */
export const idBytes = (id: number) => uint(id);

/** An EBML size in eight bytes. */
export function size8(bytes: number): Buffer {
  const size = uint(bytes, 8);
  size[0] = 0x01;
  return size;
}

/** Big-endian, in as few bytes as it takes or in `width`. */
export function uint(value: number, width = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const needed = Math.max(1, 8 - bytes.findIndex(byte => byte !== 0));
  return bytes.subarray(8 - (width > 0 ? width : value === 0 ? 1 : needed));
}
