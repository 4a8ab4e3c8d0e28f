import { randomUUID } from 'node:crypto';
import type { ParticipantId, Source, TrackId } from '@cratersync/signaling/protocol';
import { FakeTap } from '../support/fake-sfu.ts';
import { vp8Source } from '../support/rtp.ts';
import { type Clip, voice } from '../support/voice.ts';
import { Truth } from './truth.ts';

/** An SFU tells this often how its clock and a stream's stand. */
const REPORT_INTERVAL_US = 1_000_000;
/** What the SFU's clock shows at session time zero, µs since 1900. */
const SFU_ZERO_US = 3_960_000_000_000_000;

interface Stream {
  tap: FakeTap;
  rtp: { intervalUs: number; next(atUs: number): Buffer[]; timestampAt?(capturedUs: number): number };
}

/** The streams of one SFU: no two have the same SSRC. */
export class Streams {
  readonly #clip: Clip;
  readonly #taps: FakeTap[] = [];

  constructor(clip: Clip) {
    this.#clip = clip;
  }

  async open(source: Source): Promise<Stream> {
    const tap = await FakeTap.open(1000 + this.#taps.length, source === 'mic' ? 'audio/opus' : 'video/VP8');
    this.#taps.push(tap);
    return { tap, rtp: source === 'mic' ? voice(this.#clip, tap) : vp8Source(tap) };
  }

  close(): void {
    for (const tap of this.#taps) tap.close();
  }
}

/** Somebody who sends one thing, and what becomes of it. */
export class Person {
  readonly trackId = randomUUID() as TrackId;
  readonly participantId: ParticipantId;
  readonly source: Source;
  readonly truth = new Truth();
  #stream: Stream;
  /** When the next packet is due, by the clock. */
  dueUs: number;
  #reportDueUs = 0;
  /** The recorder has acknowledged the track. */
  opened = false;
  gone = false;
  /** What is sent does not arrive. */
  cut = false;
  /** What arrives is not kept. */
  shed = false;

  constructor(participantId: ParticipantId, source: Source, stream: Stream, nowUs: number) {
    this.participantId = participantId;
    this.source = source;
    this.#stream = stream;
    this.dueUs = nowUs;
  }

  get tap(): FakeTap {
    return this.#stream.tap;
  }

  /** The SFU makes the tap anew: the stream has another SSRC, and numbers of its own. */
  hasNow(stream: Stream): void {
    this.#stream = stream;
  }

  /** All that is due. @param atUs session time, when the clock shows `nowUs` */
  async send(nowUs: number, atUs: number): Promise<void> {
    const { truth, cut, shed } = this;
    const { tap, rtp } = this.#stream;
    if (this.gone || truth.state === 'muted') {
      this.dueUs = nowUs;
      return;
    }
    for (; this.dueUs <= nowUs; this.dueUs += rtp.intervalUs)
      for (const packet of rtp.next(atUs)) {
        if (cut || shed) truth.loses(packet, atUs, cut ? 'network-loss' : 'recorder-full');
        else truth.sends(packet, atUs);
        if (!cut) await tap.sendPacket(packet);
      }
    if (cut || rtp.timestampAt === undefined || this.#reportDueUs > atUs) return;
    this.#reportDueUs = atUs + REPORT_INTERVAL_US;
    await tap.sendReport(SFU_ZERO_US + atUs, rtp.timestampAt(atUs));
  }
}
