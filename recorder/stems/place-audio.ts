import { holdsFec, OPUS_LOOKAHEAD_SAMPLES, OPUS_RATE_HZ, parseOpus } from './opus.ts';
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
  /** So many samples between the packet before and this one were lost, and are to be rebuilt; the run goes on. */
  lostSamples: number;
  /** Another encoder than before. */
  startsStream: boolean;
}

/** What became of the losses of a stem. Only what could be rebuilt or concealed is counted; the rest is silence. */
export interface RepairAccount {
  /** Samples for which the next packet held a copy. */
  rebuiltSamples: number;
  /** Samples that the decoder made up from what was heard before. */
  concealedSamples: number;
}

/** A longer loss than this is silence: what a decoder makes up has faded by then. */
const MAX_REPAIR_SAMPLES = 5760;
/** Of what the decoder makes up in one go. */
const REPAIR_STEP_SAMPLES = 120;

const positionOf = (sessionUs: number) => (sessionUs * OPUS_RATE_HZ) / 1e6;
const startOf = (sessionUs: number) => positionOf(sessionUs) - OPUS_LOOKAHEAD_SAMPLES;

/**
 * Places packets by their timestamps. What is missing between two runs was muted, never sent, or lost for longer than
 * can be repaired, and stays empty for as long as it lasted. A short loss joins what stands around it to one run.
 *
 * @param totalSamples packets that lie wholly outside the stem are left out
 * @param onMalformed is told of each packet that is not Opus
 * @param account is added to
 */
export async function* placeAudio(
  packets: AsyncIterable<StemPacket[]>,
  totalSamples: number,
  onMalformed: () => void,
  account: RepairAccount = { rebuiltSamples: 0, concealedSamples: 0 },
): AsyncGenerator<PlacedAudio[]> {
  const placer = new AudioPlacer(totalSamples, onMalformed, account);
  for await (const batch of packets) {
    const ready: PlacedAudio[] = [];
    for (const packet of batch) placer.place(packet, ready);
    yield ready;
  }
  yield placer.finish();
}

class AudioPlacer {
  readonly #totalSamples: number;
  readonly #onMalformed: () => void;
  readonly #account: RepairAccount;
  /** What joins it is not known before the next packet. */
  #previous: { placed: PlacedAudio; packet: StemPacket; endTimestamp: number } | null = null;

  constructor(totalSamples: number, onMalformed: () => void, account: RepairAccount) {
    this.#totalSamples = totalSamples;
    this.#onMalformed = onMalformed;
    this.#account = account;
  }

  place(packet: StemPacket, ready: PlacedAudio[]): void {
    const opus = parseOpus(packet.payload);
    if (opus === null) {
      this.#onMalformed();
      return;
    }
    const previous = this.#previous;
    const { stream, sequence, timestamp, payload } = packet;
    const endTimestamp = timestamp + opus.samples;
    const lostSamples =
      previous === null ? null : repairableSamples(previous.packet, previous.endTimestamp, packet);
    const startsRun = lostSamples === null;
    const from = previous !== null && lostSamples === 0 ? previous.placed.to : startOf(packet.sessionUs);
    const to = startOf(stream.timeline.sessionUs(sequence, endTimestamp));
    if (to <= 0 || from >= this.#totalSamples) return;
    if (previous !== null) {
      previous.placed.endsRun = startsRun;
      ready.push(previous.placed);
    }
    const placed: PlacedAudio = {
      payload,
      samples: opus.samples,
      from,
      to,
      startsRun,
      endsRun: false,
      lostSamples: lostSamples ?? 0,
      startsStream: previous?.packet.stream !== stream,
    };
    count(this.#account, placed);
    this.#previous = { placed, packet, endTimestamp };
  }

  finish(): PlacedAudio[] {
    return this.#previous === null ? [] : [{ ...this.#previous.placed, endsRun: true }];
  }
}

/**
 * @param endTimestamp of what stands before, right behind its last sample
 * @returns how many samples are to be rebuilt between two packets of one run; null where the next begins a run of its own
 */
export function repairableSamples(
  before: StemPacket,
  endTimestamp: number,
  packet: StemPacket,
): number | null {
  const { stream, sequence, timestamp } = packet;
  if (before.stream !== stream) return null;
  if (stream.timeline.segmentOf(before.sequence) !== stream.timeline.segmentOf(sequence)) return null;
  const samples = timestamp - endTimestamp;
  if (samples === 0) return 0;
  // Where no packet is missing, the sender was silent: nothing was lost that could be rebuilt.
  const lost = sequence > before.sequence + 1;
  const short = samples > 0 && samples <= MAX_REPAIR_SAMPLES && samples % REPAIR_STEP_SAMPLES === 0;
  return lost && short ? samples : null;
}

function count(account: RepairAccount, { lostSamples, payload, samples }: PlacedAudio): void {
  const rebuilt = lostSamples > 0 && holdsFec(payload) ? Math.min(lostSamples, samples) : 0;
  account.rebuiltSamples += rebuilt;
  account.concealedSamples += lostSamples - rebuilt;
}
