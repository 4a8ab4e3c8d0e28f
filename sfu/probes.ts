import { errors, type ProbeTransport } from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';
import type { MediaWorker } from './workers.ts';

/** How long a browser may try, and how many at the same time: more come from nobody's green room. */
const usual = { lifeMs: 15_000, mostOpen: 50 };

/**
 * Transports of nobody, in no room: a browser tries by one whether UDP gets here, and how much it can send. They carry data
 * that is thrown away, and close by themselves.
 */
export class Probes {
  readonly #routers = new WeakMap<MediaWorker, Promise<types.Router>>();
  readonly #limits: typeof usual;
  #open = 0;

  constructor(limits: Partial<typeof usual> = {}) {
    this.#limits = { ...usual, ...limits };
  }

  /** @param dtlsParameters the browser's own, so that nothing more has to be said @throws `node_unavailable` when too many try */
  async open(media: MediaWorker, dtlsParameters: types.DtlsParameters): Promise<ProbeTransport> {
    if (this.#open >= this.#limits.mostOpen) throw errors.nodeUnavailable('media server');
    this.#open += 1;
    const transport = await this.#transport(media).catch((error: unknown) => {
      this.#open -= 1;
      throw error;
    });
    const timer = setTimeout(() => transport.close(), this.#limits.lifeMs);
    transport.observer.once('close', () => {
      clearTimeout(timer);
      this.#open -= 1;
    });
    transport.on('dtlsstatechange', state => {
      if (state === 'closed' || state === 'failed') transport.close();
    });
    await transport.connect({ dtlsParameters }).catch((error: unknown) => {
      transport.close();
      throw error;
    });
    return {
      iceParameters: transport.iceParameters as unknown as ProbeTransport['iceParameters'],
      iceCandidates: transport.iceCandidates as unknown as ProbeTransport['iceCandidates'],
      dtlsParameters: transport.dtlsParameters as unknown as ProbeTransport['dtlsParameters'],
    };
  }

  async #transport(media: MediaWorker): Promise<types.WebRtcTransport> {
    const router = await this.#router(media);
    return router.createWebRtcTransport({
      webRtcServer: media.server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: true,
      iceConsentTimeout: 10,
    });
  }

  #router(media: MediaWorker): Promise<types.Router> {
    const known = this.#routers.get(media);
    if (known !== undefined) return known;
    const made = media.worker.createRouter();
    this.#routers.set(media, made);
    made.catch(() => this.#routers.delete(media));
    return made;
  }
}
