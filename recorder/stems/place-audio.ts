import { OPUS_LOOKAHEAD_SAMPLES, OPUS_RATE_HZ, parseOpus } from './opus.ts';
import type { StemPacket } from './packets.ts';

/** An Opus packet and where its sound belongs. */
export interface PlacedAudio {
  payload: Buffer;
  samples: number;
  /** Positions on the stem's axis, in (fractions of) samples of 48 kHz: of its first sample, and of the one after its last. */
  from: number;
  to: number;
  /** A run is what was captured without interruption. */
  startsRun: boolean;
  endsRun: boolean;
}

const positionOf = (sessionUs: number) => (sessionUs * OPUS_RATE_HZ) / 1e6;

/**
 * Places packets by their timestamps. What is missing between two runs was lost, muted or never sent, and stays empty
 * for as long as it lasted; a packet rebuilt from the forward error correction of the next one would be yielded here.
 *
 * @param totalSamples packets that lie wholly outside the stem are left out
 * @param onMalformed is told of each packet that is not Opus
 */
export async function* placeAudio(
  packets: AsyncIterable<StemPacket>,
  totalSamples: number,
  onMalformed: () => void,
): AsyncGenerator<PlacedAudio> {
  let previous: { placed: PlacedAudio; packet: StemPacket; endTimestamp: number } | null = null;
  for await (const packet of packets) {
    const opus = parseOpus(packet.payload);
    if (opus === null) {
      onMalformed();
      continue;
    }
    const { stream, sequence, timestamp, payload } = packet;
    const { timeline } = stream;
    const endTimestamp = timestamp + opus.samples;
    const joins =
      previous !== null &&
      previous.packet.stream === stream &&
      previous.endTimestamp === timestamp &&
      timeline.segmentOf(previous.packet.sequence) === timeline.segmentOf(sequence);
    const from: number = previous !== null && joins ? previous.placed.to : startOf(packet.sessionUs);
    const to = startOf(timeline.sessionUs(sequence, endTimestamp));
    if (to <= 0 || from >= totalSamples) continue;
    if (previous !== null) yield { ...previous.placed, endsRun: !joins };
    const placed: PlacedAudio = {
      payload,
      samples: opus.samples,
      from,
      to,
      startsRun: !joins,
      endsRun: false,
    };
    previous = { placed, packet, endTimestamp };
  }
  if (previous !== null) yield { ...previous.placed, endsRun: true };
}

const startOf = (sessionUs: number) => positionOf(sessionUs) - OPUS_LOOKAHEAD_SAMPLES;
