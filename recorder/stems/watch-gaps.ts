import { QUIET_US } from '../journal/ledger.ts';
import { GapFinder, type StemGap } from '../timeline/index.ts';
import { OPUS_RATE_HZ, parseOpus } from './opus.ts';
import type { StemPacket } from './packets.ts';
import { repairableSamples } from './place-audio.ts';
import type { SurveyedStem } from './survey.ts';

/** Rounding, and the last trace of a clock that is resampled out. */
const AUDIO_MIN_GAP_US = 5000;
/** About what one packet holds, where nothing better is known. */
const AUDIO_PACKET_US = 20_000;

/** Notes on the way of a stem's packets where it holds nothing, and why: what rendering reads needs no second reading. */
export class GapWatch {
  readonly #kind: SurveyedStem['kind'];
  readonly #finder: GapFinder;
  #previous: { packet: StemPacket; endTimestamp: number; endUs: number; packetUs: number } | null = null;

  constructor({ kind, source, pauses }: Pick<SurveyedStem, 'kind' | 'source' | 'pauses'>) {
    this.#kind = kind;
    this.#finder = new GapFinder(
      kind === 'audio' ? AUDIO_MIN_GAP_US : QUIET_US.video,
      pauses,
      source === 'screen',
    );
  }

  async *watch(packets: AsyncIterable<StemPacket[]>): AsyncGenerator<StemPacket[]> {
    for await (const batch of packets) {
      for (const packet of batch) this.#see(packet);
      yield batch;
    }
  }

  /** Once all packets have passed. */
  finish(durationUs: number): StemGap[] {
    return this.#finder.finish(durationUs);
  }

  #see(packet: StemPacket): void {
    const samples = this.#kind === 'audio' ? parseOpus(packet.payload)?.samples : 0;
    if (samples === undefined) return;
    const { stream, sequence, timestamp, sessionUs } = packet;
    const { timeline } = stream;
    const endTimestamp = timestamp + samples;
    const endUs = timeline.sessionUs(sequence, endTimestamp);
    const previous = this.#previous;
    const sameStream = previous?.packet.stream === stream;
    const packetUs =
      this.#kind === 'audio' ? (samples * 1e6) / OPUS_RATE_HZ : pace(previous, sameStream, sessionUs);
    const repaired =
      previous !== null &&
      this.#kind === 'audio' &&
      repairableSamples(previous.packet, previous.endTimestamp, packet) !== null;
    this.#finder.media({
      fromUs: repaired ? previous.endUs : sessionUs,
      toUs: endUs,
      sameStream,
      clockStood:
        sameStream &&
        previous !== null &&
        timeline.segmentOf(previous.packet.sequence) !== timeline.segmentOf(sequence),
      packetsMissing: sameStream && previous !== null ? sequence - previous.packet.sequence - 1 : 0,
      packetUs: previous?.packetUs ?? AUDIO_PACKET_US,
    });
    this.#previous = { packet, endTimestamp, endUs, packetUs };
  }
}

/** Of video: how far its packets lie apart, on the average of the last ones. */
function pace(
  previous: { packet: StemPacket; packetUs: number } | null,
  sameStream: boolean,
  sessionUs: number,
): number {
  if (previous === null || !sameStream) return AUDIO_PACKET_US;
  const distanceUs = Math.min(Math.max(0, sessionUs - previous.packet.sessionUs), 200_000);
  return previous.packetUs * 0.95 + distanceUs * 0.05;
}
