import { errors, type ParticipantId, type SessionId } from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';
import { mediaCodecs } from './codecs.ts';
import type { LiveRoom } from './control.ts';
import { Peer, type TransportState } from './peer.ts';
import { Tap } from './tap.ts';
import type { MediaWorker } from './workers.ts';

/** One session's media: a router, its people, and the taps that leave for the recorder. */
export class Room {
  readonly sessionId: SessionId;
  readonly media: MediaWorker;
  readonly router: types.Router;
  readonly #peers = new Map<ParticipantId, Peer>();
  readonly #taps = new Map<string, Tap>();
  readonly #onTransport: TransportListener;

  private constructor(
    sessionId: SessionId,
    media: MediaWorker,
    router: types.Router,
    onTransport: TransportListener,
  ) {
    this.sessionId = sessionId;
    this.media = media;
    this.router = router;
    this.#onTransport = onTransport;
  }

  static async open(sessionId: SessionId, media: MediaWorker, onTransport: TransportListener): Promise<Room> {
    const router = await media.worker.createRouter({ mediaCodecs });
    media.rooms += 1;
    router.observer.once('close', () => {
      media.rooms -= 1;
    });
    return new Room(sessionId, media, router, onTransport);
  }

  /** The person's peer, made when it is first asked for. */
  peer(participantId: ParticipantId): Peer {
    const known = this.#peers.get(participantId);
    if (known !== undefined) return known;
    const peer = new Peer(participantId, (transportId, state) =>
      this.#onTransport(this.sessionId, participantId, transportId, state),
    );
    this.#peers.set(participantId, peer);
    return peer;
  }

  closePeer(participantId: ParticipantId): void {
    this.#peers.get(participantId)?.close();
    this.#peers.delete(participantId);
  }

  async openTap(options: Omit<Parameters<typeof Tap.open>[1], 'trackId'>): Promise<Tap> {
    for (const peer of this.#peers.values())
      for (const producer of peer.producers) {
        if (producer.id !== options.producerId) continue;
        const tap = await Tap.open(this.router, { ...options, trackId: producer.appData.trackId });
        this.#taps.set(tap.id, tap);
        tap.onClosed(() => {
          this.#taps.delete(tap.id);
          tap.close();
        });
        return tap;
      }
    throw errors.notFound('producer');
  }

  get taps(): Iterable<Tap> {
    return this.#taps.values();
  }

  tap(tapId: string): Tap | undefined {
    return this.#taps.get(tapId);
  }

  /** Idempotent. */
  close(): void {
    this.router.close();
  }

  describe(): LiveRoom {
    return {
      sessionId: this.sessionId,
      routerRtpCapabilities: this.router.rtpCapabilities as unknown as LiveRoom['routerRtpCapabilities'],
      peers: [...this.#peers.values()].map(peer => peer.describe()),
      taps: [...this.#taps.values()].map(tap => ({
        tapId: tap.id,
        trackId: tap.trackId,
        paused: tap.paused,
      })),
    };
  }
}

export type TransportListener = (
  sessionId: SessionId,
  participantId: ParticipantId,
  transportId: string,
  state: TransportState,
) => void;
