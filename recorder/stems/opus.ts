/** Opus packets as far as they can be understood without decoding (RFC 6716 section 3). */

export const OPUS_RATE_HZ = 48_000;

/**
 * How much later a sound stands in the decoder's output than in the encoder's input, in samples: libopus looks ahead
 * 2.5 ms and compensates 4 ms more when its sample rate is 48 kHz, in the modes voip and audio, which every browser
 * uses (OPUS_GET_LOOKAHEAD; RFC 7845 section 5.1 calls it pre-skip). An RTP timestamp speaks of the input.
 */
export const OPUS_LOOKAHEAD_SAMPLES = 312;

const MAX_PACKET_SAMPLES = 5760;
const MAX_FRAME_PAYLOAD = 1275;

/**
 * @returns how many samples a packet decodes to, and whether it is coded in stereo; null where any of the rules R1 to
 * R7 is broken. Only such packets make a decoder fail, so what passes here decodes to exactly so many samples.
 */
export function parseOpus(packet: Uint8Array): { samples: number; stereo: boolean } | null {
  const toc = packet[0];
  if (toc === undefined) return null;
  const layout = frameLayout(packet, toc & 3);
  if (layout === null) return null;
  const samples = layout.count * frameSamples(toc >> 3);
  if (samples > MAX_PACKET_SAMPLES) return null;
  return { samples, stereo: (toc & 4) !== 0 };
}

/** Table 2 of section 3.1. */
function frameSamples(config: number): number {
  if (config < 12) return [480, 960, 1920, 2880][config & 3] ?? 0;
  if (config < 16) return [480, 960][config & 1] ?? 0;
  return [120, 240, 480, 960][config & 3] ?? 0;
}

/**
 * Whether a packet also holds what its predecessor said, in less detail (LBRR, sections 2.1.7 and 4.2.4): the flag that
 * stands behind the voice activity flags of the first frame, in the modes that have a SILK layer.
 * @param packet a valid one
 */
export function holdsFec(packet: Uint8Array): boolean {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  if (config >= 16) return false;
  const flags = packet[frameLayout(packet, toc & 3)?.offset ?? packet.length] ?? 0;
  const voiceFlags = Math.max(1, frameSamples(config) / 960);
  if (((flags >> (7 - voiceFlags)) & 1) === 1) return true;
  // In stereo, the side channel's flags follow.
  return (toc & 4) !== 0 && ((flags >> (6 - 2 * voiceFlags)) & 1) === 1;
}

/** How many frames a packet holds, and where the first begins. */
interface FrameLayout {
  count: number;
  offset: number;
}

/** @returns null for a malformed packet */
function frameLayout(packet: Uint8Array, code: number): FrameLayout | null {
  const body = packet.length - 1;
  switch (code) {
    case 0:
      return body <= MAX_FRAME_PAYLOAD ? { count: 1, offset: 1 } : null;
    case 1:
      return body % 2 === 0 && body / 2 <= MAX_FRAME_PAYLOAD ? { count: 2, offset: 1 } : null;
    case 2: {
      const length = readLength(packet, 1);
      if (length === null) return null;
      const second = body - length.bytes - length.value;
      const fits = second >= 0 && second <= MAX_FRAME_PAYLOAD;
      return fits ? { count: 2, offset: 1 + length.bytes } : null;
    }
    default:
      return signalledLayout(packet);
  }
}

/** Code 3: section 3.2.5. */
function signalledLayout(packet: Uint8Array): FrameLayout | null {
  const head = packet[1];
  if (head === undefined) return null;
  const count = head & 0x3f;
  let offset = 2;
  let padding = 0;
  if ((head & 0x40) !== 0) {
    let byte = 255;
    while (byte === 255) {
      byte = packet[offset] ?? -1;
      if (byte < 0) return null;
      offset += 1;
      padding += byte === 255 ? 254 : byte;
    }
  }
  let rest = packet.length - offset - padding;
  if ((head & 0x80) === 0) {
    const fits = rest >= 0 && count > 0 && rest % count === 0 && rest / count <= MAX_FRAME_PAYLOAD;
    return fits ? { count, offset } : null;
  }
  for (let frame = 1; frame < count; frame += 1) {
    const length = readLength(packet, offset);
    if (length === null) return null;
    offset += length.bytes;
    rest -= length.bytes + length.value;
  }
  return count > 0 && rest >= 0 && rest <= MAX_FRAME_PAYLOAD ? { count, offset } : null;
}

/** Section 3.2.1. */
function readLength(packet: Uint8Array, offset: number): { value: number; bytes: number } | null {
  const first = packet[offset];
  if (first === undefined) return null;
  if (first < 252) return { value: first, bytes: 1 };
  const second = packet[offset + 1];
  return second === undefined ? null : { value: second * 4 + first, bytes: 2 };
}
