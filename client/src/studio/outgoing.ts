import type { Producer } from 'mediasoup-client/types';
import type { ProducerView, Source } from '../protocol.ts';
import type { Ask } from './connection.ts';
import type { MediaSession } from './media-session.ts';

/** What this person sends, by source. A missing track of a microphone or camera pauses its producer. */
export interface Wanted {
  track: MediaStreamTrack | null;
  isPaused: boolean;
}
export type WantedBySource = Record<Source, Wanted>;

/** What a page sends of one source; for tests and for looking into a bad connection. */
export interface SenderStats {
  producerId: string;
  source: Source;
  /** When the server had opened the producer, wall clock of this machine. */
  openedAtMs: number;
  /** When the figures below held, wall clock of this machine. */
  measuredAtMs: number;
  /** Of all layers together. */
  packetsSent: number;
}

const isScreen = (source: Source) => source === 'screen' || source === 'screen-audio';

/**
 * Makes the producers match what is wanted. Called after every change of either side; one run at a time,
 * and what failed (the socket was down) is made up for by the next run.
 */
export class Outgoing {
  readonly #ask: Ask;
  readonly #wanted: () => WantedBySource;
  readonly #producers = new Map<Source, Producer>();
  readonly #openedAtMs = new Map<string, number>();
  /** Whether the server knows a producer as paused. */
  readonly #told = new Map<Source, boolean>();
  #media: MediaSession | null = null;
  #running: Promise<void> = Promise.resolve();
  #isCameraSmall = false;

  readonly #onMicrophone: (isOpen: boolean) => void;

  /** @param onMicrophone hears whether the server lets the microphone through */
  constructor(ask: Ask, wanted: () => WantedBySource, onMicrophone: (isOpen: boolean) => void) {
    this.#ask = ask;
    this.#wanted = wanted;
    this.#onMicrophone = onMicrophone;
  }

  /** Silences the microphone at once, before the server hears of it. */
  hush(): void {
    this.#producers.get('mic')?.pause();
  }

  /** While the uplink is poor the camera is sent in its smallest size alone, so that the sound gets through. */
  keepCameraSmall(isSmall: boolean): void {
    this.#isCameraSmall = isSmall;
    const camera = this.#producers.get('camera');
    if (camera !== undefined) void sizeCamera(camera, isSmall);
  }

  /** Starts over with new transports (null: none); the old producers closed with the old ones. */
  adopt(media: MediaSession | null): void {
    this.#media = media;
    this.#producers.clear();
    this.#openedAtMs.clear();
    this.#told.clear();
    this.#onMicrophone(false);
  }

  /** After a resumed join: what the server knows of this person's producers is the truth. */
  reconcile(known: readonly ProducerView[]): void {
    for (const [source, producer] of this.#producers) {
      const view = known.find(p => p.producerId === producer.id);
      if (view !== undefined) {
        this.#isTold(source, view.paused);
        continue;
      }
      producer.close();
      this.#forget(source);
    }
  }

  async stats(): Promise<SenderStats[]> {
    return Promise.all([...this.#producers].map(([source, producer]) => this.#statsOf(source, producer)));
  }

  async #statsOf(source: Source, producer: Producer): Promise<SenderStats> {
    const stats: SenderStats = {
      producerId: producer.id,
      source,
      openedAtMs: this.#openedAtMs.get(producer.id) ?? 0,
      measuredAtMs: Date.now(),
      packetsSent: 0,
    };
    for (const report of (await producer.getStats()).values()) {
      if (report.type !== 'outbound-rtp') continue;
      stats.measuredAtMs = report.timestamp;
      stats.packetsSent += report.packetsSent ?? 0;
    }
    return stats;
  }

  sync(): Promise<void> {
    const run = this.#running.then(() => this.#syncAll());
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #syncAll(): Promise<void> {
    for (const source of ['mic', 'camera', 'screen', 'screen-audio'] as const) await this.#syncOne(source);
  }

  async #syncOne(source: Source): Promise<void> {
    const media = this.#media;
    const { track, isPaused } = this.#wanted()[source];
    if (media === null) return;
    const producer = this.#producers.get(source);
    if (producer === undefined) {
      if (track?.readyState === 'live') await this.#open(media, source, track, isPaused);
      return;
    }
    if (track === null && isScreen(source)) {
      producer.close();
      this.#forget(source);
      await this.#ask('producer.close', { producerId: producer.id });
      return;
    }
    if (producer.track !== track) await producer.replaceTrack({ track });
    await this.#setPaused(source, producer, isPaused || track === null);
  }

  async #open(
    media: MediaSession,
    source: Source,
    track: MediaStreamTrack,
    isPaused: boolean,
  ): Promise<void> {
    const producer = await media.produce(source, track, isPaused);
    if (media !== this.#media) return;
    if (isPaused) producer.pause();
    if (source === 'camera' && this.#isCameraSmall) await sizeCamera(producer, true);
    this.#producers.set(source, producer);
    this.#openedAtMs.set(producer.id, Date.now());
    this.#isTold(source, isPaused);
  }

  async #setPaused(source: Source, producer: Producer, isPaused: boolean): Promise<void> {
    if (isPaused) producer.pause();
    else producer.resume();
    if (this.#told.get(source) === isPaused) return;
    await this.#ask(isPaused ? 'producer.pause' : 'producer.resume', { producerId: producer.id });
    this.#isTold(source, isPaused);
  }

  #isTold(source: Source, isPaused: boolean): void {
    this.#told.set(source, isPaused);
    if (source === 'mic') this.#onMicrophone(!isPaused);
  }

  #forget(source: Source): void {
    this.#openedAtMs.delete(this.#producers.get(source)?.id ?? '');
    this.#producers.delete(source);
    this.#told.delete(source);
    if (source === 'mic') this.#onMicrophone(false);
  }
}

const LARGEST = 2;

/** A producer that has closed meanwhile, or a browser that cannot, sends on as it does. */
const sizeCamera = (camera: Producer, isSmall: boolean): Promise<void> =>
  camera.setMaxSpatialLayer(isSmall ? 0 : LARGEST).catch(() => undefined);
