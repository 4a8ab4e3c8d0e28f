import type { Log } from '@cratersync/infra/runtime';
import type { LiveRoom } from '@cratersync/sfu/control';
import {
  errors,
  type ParticipantId,
  type Region,
  type Request,
  type RoomView,
  type roomCommands,
  type SessionId,
} from '../protocol/index.ts';
import type { IceServers } from '../turn.ts';
import type { Nodes, SfuLink } from './nodes.ts';
import type { LiveProducer } from './recording.ts';
import type { Seat } from './seat.ts';

type Command<K extends keyof typeof roomCommands> = Request<typeof roomCommands, K>;
type RouterCapabilities = RoomView['routerRtpCapabilities'];

/** A room's part of the SFU: which node has it, and what people send there. */
export class RoomMedia {
  readonly #sessionId: SessionId;
  readonly #region: () => Region | null;
  readonly #sfus: Nodes<SfuLink>;
  readonly #iceServers: IceServers;
  readonly #log: Log;
  readonly #producers = new Map<string, LiveProducer>();
  #router: { sfuId: string; capabilities: RouterCapabilities } | null = null;
  #opening: Promise<{ sfu: SfuLink; capabilities: RouterCapabilities }> | null = null;
  /** What the SFU held when signaling came back; people returning are matched with it. */
  #found: LiveRoom | null = null;

  constructor(
    place: { sessionId: SessionId; region: () => Region | null },
    { sfus, iceServers, log }: { sfus: Nodes<SfuLink>; iceServers: IceServers; log: Log },
  ) {
    this.#sessionId = place.sessionId;
    this.#region = place.region;
    this.#sfus = sfus;
    this.#iceServers = iceServers;
    this.#log = log;
  }

  // ── what is sent ──────────────────────────────────────────────────────────────────────────────────────

  get producers(): LiveProducer[] {
    return [...this.#producers.values()];
  }

  producersOf(participantId: ParticipantId): LiveProducer[] {
    return this.producers.filter(each => each.participantId === participantId);
  }

  has(producerId: string): boolean {
    return this.#producers.has(producerId);
  }

  /** @throws `not_found`, also for somebody else's */
  own({ participantId }: Seat, producerId: string): LiveProducer {
    const producer = this.#producers.get(producerId);
    if (producer?.participantId !== participantId) throw errors.notFound('producer');
    return producer;
  }

  add(producer: LiveProducer): void {
    this.#producers.set(producer.producerId, producer);
  }

  /** @returns whether it was there */
  drop(producerId: string): boolean {
    return this.#producers.delete(producerId);
  }

  // ── where ─────────────────────────────────────────────────────────────────────────────────────────────

  get sfuId(): string | null {
    return this.#router?.sfuId ?? null;
  }

  /** The room's SFU if it is reachable. */
  get sfu(): SfuLink | null {
    return this.#router !== null && this.#sfus.has(this.#router.sfuId)
      ? this.#sfus.get(this.#router.sfuId)
      : null;
  }

  /** @throws `node_unavailable` */
  get present(): SfuLink {
    const { sfu } = this;
    if (sfu === null) throw errors.nodeUnavailable('media server');
    return sfu;
  }

  /** The router, opened if there is none. @throws `node_unavailable` */
  async open(): Promise<{ sfu: SfuLink; capabilities: RouterCapabilities }> {
    const router = this.#router;
    if (router !== null) return { sfu: this.#sfus.get(router.sfuId), capabilities: router.capabilities };
    this.#opening ??= this.#openRouter().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openRouter() {
    const sessionId = this.#sessionId;
    const sfu = this.#sfus.pick(sessionId, this.#region());
    const { routerRtpCapabilities: capabilities } = await sfu.ask('room.open', { sessionId });
    this.#router = { sfuId: sfu.nodeId, capabilities };
    return { sfu, capabilities };
  }

  /** The router is gone, and everything that was on it. */
  lost(): void {
    this.#router = null;
    this.#opening = null;
    this.#found = null;
  }

  /** Takes over what an SFU node says is live, after signaling itself has been away. */
  adopt(sfuId: string, live: LiveRoom): void {
    this.#router = { sfuId, capabilities: live.routerRtpCapabilities };
    this.#found = live;
    for (const { participantId, producers } of live.peers)
      for (const { producerId, trackId, source, paused } of producers)
        this.add({ producerId, trackId, participantId, source, paused });
  }

  get standingTaps(): LiveRoom['taps'] {
    return this.#found?.taps ?? [];
  }

  /** Whose media was there when signaling came back. */
  get foundIds(): ParticipantId[] {
    return this.#found?.peers.map(({ participantId }) => participantId) ?? [];
  }

  foundTransportsOf(participantId: ParticipantId): string[] {
    const peer = this.#found?.peers.find(each => each.participantId === participantId);
    return peer?.transports.map(({ transportId }) => transportId) ?? [];
  }

  forgetFound(): void {
    this.#found = null;
  }

  // ── what a person asks of it ──────────────────────────────────────────────────────────────────────────

  peer({ participantId }: Pick<Seat, 'participantId'>) {
    return { sessionId: this.#sessionId, participantId };
  }

  async connectTransport(seat: Seat, command: Command<'transport.connect'>): Promise<null> {
    return this.present.ask('transport.connect', { ...this.peer(seat), ...command });
  }

  async restartIce(seat: Seat, command: Command<'transport.restart-ice'>) {
    const iceParameters = await this.present.ask('transport.restart-ice', { ...this.peer(seat), ...command });
    return { iceParameters, iceServers: this.#iceServers() };
  }

  async openConsumer(seat: Seat, command: Command<'consumer.open'>) {
    if (!this.has(command.producerId)) throw errors.notFound('producer');
    return this.present.ask('consumer.open', { ...this.peer(seat), ...command });
  }

  async resumeConsumer(seat: Seat, consumerId: string): Promise<null> {
    return this.present.ask('consumer.resume', { ...this.peer(seat), consumerId });
  }

  async preferLayer(seat: Seat, { consumerId, layer }: Command<'consumer.prefer'>): Promise<null> {
    return this.present.ask('consumer.prefer', { ...this.peer(seat), consumerId, layer });
  }

  /** They see, hear and send nothing any more. */
  async closePeer(participantId: ParticipantId): Promise<void> {
    await this.sfu?.ask('peer.close', this.peer({ participantId }));
  }

  async close(): Promise<void> {
    await this.sfu?.ask('room.close', { sessionId: this.#sessionId }).catch(this.trouble);
  }

  readonly trouble = (error: unknown): void => {
    this.#log.warn({ err: error, sessionId: this.#sessionId }, 'a media node did not follow');
  };
}
