import type { Consumer } from 'mediasoup-client/types';
import { type ProducerView, toAppError } from '../protocol.ts';
import type { MediaSession } from './media-session.ts';

const RETRY_MS = 2_000;

/** What a page receives of one producer; for tests and for looking into a bad connection. */
export interface ReceiverStats {
  producerId: string;
  participantId: string;
  source: string;
  kind: string;
  bytesReceived: number;
  framesDecoded?: number;
  totalAudioEnergy?: number;
}

/** Makes the consumers match the producers of the others. */
export class Incoming {
  readonly #onTracks: (tracks: ReadonlyMap<string, MediaStreamTrack>) => void;
  readonly #consumers = new Map<string, Consumer>();
  readonly #opening = new Set<string>();
  #wanted: readonly ProducerView[] = [];
  #media: MediaSession | null = null;

  constructor(onTracks: (tracks: ReadonlyMap<string, MediaStreamTrack>) => void) {
    this.#onTracks = onTracks;
  }

  /** Starts over with new transports (null: none); the old consumers closed with the old ones. */
  adopt(media: MediaSession | null): void {
    this.#media = media;
    this.#consumers.clear();
    this.#opening.clear();
    this.#tell();
  }

  sync(wanted: readonly ProducerView[]): void {
    this.#wanted = wanted;
    for (const [producerId, consumer] of this.#consumers) {
      if (this.#isWanted(producerId)) continue;
      consumer.close();
      this.#consumers.delete(producerId);
      this.#tell();
    }
    for (const { producerId } of wanted) {
      if (!this.#consumers.has(producerId) && !this.#opening.has(producerId)) void this.#open(producerId);
    }
  }

  /** How loud a producer is just now, 0..1; 0 when it is not heard. */
  levelOf(producerId: string): number {
    const sources = this.#consumers.get(producerId)?.rtpReceiver?.getSynchronizationSources();
    return sources?.[0]?.audioLevel ?? 0;
  }

  async stats(): Promise<ReceiverStats[]> {
    const all = [...this.#consumers.values()].map(consumer => this.#statsOf(consumer));
    return (await Promise.all(all)).filter(stats => stats !== null);
  }

  #isWanted(producerId: string): boolean {
    return this.#wanted.some(producer => producer.producerId === producerId);
  }

  async #open(producerId: string): Promise<void> {
    const media = this.#media;
    if (media === null) return;
    this.#opening.add(producerId);
    try {
      const consumer = await media.consume(producerId);
      if (media !== this.#media) return;
      if (!this.#isWanted(producerId)) {
        consumer.close();
        return;
      }
      this.#consumers.set(producerId, consumer);
      this.#tell();
    } catch (thrown) {
      if (toAppError(thrown).code !== 'not_found') setTimeout(() => this.sync(this.#wanted), RETRY_MS);
    } finally {
      if (media === this.#media) this.#opening.delete(producerId);
    }
  }

  async #statsOf(consumer: Consumer): Promise<ReceiverStats | null> {
    const view = this.#wanted.find(producer => producer.producerId === consumer.producerId);
    if (view === undefined) return null;
    const { producerId, participantId, source, kind } = view;
    for (const report of (await consumer.getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      const { bytesReceived = 0, framesDecoded, totalAudioEnergy } = report;
      return { producerId, participantId, source, kind, bytesReceived, framesDecoded, totalAudioEnergy };
    }
    return { producerId, participantId, source, kind, bytesReceived: 0 };
  }

  #tell(): void {
    this.#onTracks(
      new Map([...this.#consumers].map(([producerId, consumer]) => [producerId, consumer.track])),
    );
  }
}
