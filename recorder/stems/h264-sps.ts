interface SpsInfo {
  width: number;
  height: number;
  /** Told only by the High profiles. */
  high: { chromaFormat: number; bitDepthLuma: number; bitDepthChroma: number } | null;
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128]);

/** Reads a sequence parameter set as far as the frame's size (ITU-T H.264 section 7.3.2.1.1). @returns null when cut off */
export function parseSps(nal: Buffer): SpsInfo | null {
  const bits = new BitReader(withoutEmulation(nal.subarray(1)));
  const profile = bits.read(8);
  bits.read(16);
  bits.exp();
  const high = HIGH_PROFILES.has(profile) ? readHigh(bits) : null;
  bits.exp();
  const orderType = bits.exp();
  if (orderType === 0) bits.exp();
  else if (orderType === 1) {
    bits.read(1);
    bits.exp();
    bits.exp();
    for (let left = bits.exp(); left > 0 && !bits.exhausted; left -= 1) bits.exp();
  }
  bits.exp();
  bits.read(1);
  const macroblocksWide = bits.exp() + 1;
  const mapUnitsHigh = bits.exp() + 1;
  const framesOnly = bits.read(1);
  if (framesOnly === 0) bits.read(1);
  bits.read(1);
  const crop = bits.read(1) === 1 ? [bits.exp(), bits.exp(), bits.exp(), bits.exp()] : [];
  if (bits.exhausted) return null;
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const chromaFormat = high?.chromaFormat ?? 1;
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitY = (chromaFormat === 1 ? 2 : 1) * (2 - framesOnly);
  return {
    width: macroblocksWide * 16 - (left + right) * unitX,
    height: (2 - framesOnly) * mapUnitsHigh * 16 - (top + bottom) * unitY,
    high,
  };
}

function readHigh(bits: BitReader) {
  const chromaFormat = bits.exp();
  if (chromaFormat === 3) bits.read(1);
  const bitDepthLuma = bits.exp() + 8;
  const bitDepthChroma = bits.exp() + 8;
  bits.read(1);
  if (bits.read(1) === 1) {
    for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list += 1) {
      if (bits.read(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { chromaFormat, bitDepthLuma, bitDepthChroma };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size && !bits.exhausted; index += 1) {
    const code = bits.exp();
    const delta = code % 2 === 0 ? -code / 2 : (code + 1) / 2;
    last = (last + delta + 256) % 256;
    // A next scale of zero ends the list.
    if (last === 0) return;
  }
}

/** Takes out the bytes that keep start codes from appearing: 00 00 03 → 00 00. */
function withoutEmulation(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, at) => !(byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));
}

class BitReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get exhausted(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
      this.#position += 1;
    }
    return value;
  }

  /** Unsigned Exp-Golomb, section 9.1. */
  exp(): number {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0 && !this.exhausted) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
