import type { Consumer } from 'mediasoup-client/types';
import { type ProducerView, toAppError, type WantedLayer } from '../protocol.ts';
import type { MediaSession } from './media-session.ts';

const RETRY_MS = 2_000;
/** A picture is sent larger at once, and smaller or not at all when it has been shown so for a moment. */
const SETTLE_MS = 700;

/** What a page receives of one producer; for tests and for looking into a bad connection. */
export interface ReceiverStats {
  producerId: string;
  participantId: string;
  source: string;
  kind: string;
  bytesReceived: number;
  framesDecoded?: number;
  frameHeight?: number;
  totalAudioEnergy?: number;
}

/** Makes the consumers match the producers of the others. */
export class Incoming {
  readonly #onTracks: (tracks: ReadonlyMap<string, MediaStreamTrack>) => void;
  readonly #consumers = new Map<string, Consumer>();
  readonly #opening = new Set<string>();
  /** In which size each picture is wanted, where that was said. */
  readonly #layers = new Map<string, WantedLayer>();
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();
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
    for (const producerId of this.#layers.keys())
      if (!this.#isWanted(producerId)) this.#layers.delete(producerId);
    for (const { producerId } of wanted) {
      if (!this.#consumers.has(producerId) && !this.#opening.has(producerId)) void this.#open(producerId);
    }
  }

  /** In which size a picture is to be sent; null: it is not seen. */
  want(producerId: string, layer: WantedLayer): void {
    const before = this.#layers.get(producerId);
    this.#layers.set(producerId, layer);
    if (layer === before) return;
    clearTimeout(this.#settling.get(producerId));
    const isMore = (layer ?? -1) > (before ?? -1);
    const timer = setTimeout(() => void this.#prefer(producerId), isMore ? 0 : SETTLE_MS);
    this.#settling.set(producerId, timer);
  }

  /** All of it once more: while the connection was gone it was told nobody. */
  tellWanted(): void {
    for (const producerId of this.#layers.keys()) void this.#prefer(producerId);
  }

  async #prefer(producerId: string): Promise<void> {
    const consumer = this.#consumers.get(producerId);
    const layer = this.#layers.get(producerId);
    if (consumer === undefined || consumer.kind !== 'video' || layer === undefined) return;
    // Told again when the connection is back.
    await this.#media?.prefer(consumer.id, layer).catch(() => undefined);
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
      void this.#prefer(producerId);
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
      const { bytesReceived = 0, framesDecoded, frameHeight, totalAudioEnergy } = report;
      const of = { producerId, participantId, source, kind };
      return { ...of, bytesReceived, framesDecoded, frameHeight, totalAudioEnergy };
    }
    return { producerId, participantId, source, kind, bytesReceived: 0 };
  }

  #tell(): void {
    this.#onTracks(
      new Map([...this.#consumers].map(([producerId, consumer]) => [producerId, consumer.track])),
    );
  }
}
