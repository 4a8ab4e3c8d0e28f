import { randomUUID } from 'node:crypto';
import type { LiveRoom } from '@cratersync/sfu/control';
import {
  type AppError,
  errors,
  kindOf,
  type MediaKind,
  type OrganizationId,
  type ParticipantId,
  type ProducerView,
  type RecordingProgress,
  type RecordingView,
  type Request,
  type RoomView,
  recordingId as recordingIdSchema,
  type roomCommands,
  type SessionId,
  type TrackId,
  trackId as trackIdSchema,
} from '../protocol/index.ts';
import type { Member, RoomSocket } from './members.ts';
import { Members } from './members.ts';
import type { SfuLink } from './nodes.ts';
import { type LiveProducer, Recording, refusal } from './recording.ts';
import type { RoomDependencies } from './rooms.ts';
import type { Seat } from './seat.ts';

type Command<K extends keyof typeof roomCommands> = Request<typeof roomCommands, K>;
type RouterCapabilities = RoomView['routerRtpCapabilities'];

/** How long somebody whose connection dropped keeps their place and their media. */
const MEMBER_GRACE_MS = 60_000;
/** How long a room without anybody in it goes on recording. */
const EMPTY_GRACE_MS = 120_000;
const RECONCILE_AGAIN_MS = 1000;

/** A live session: who is there, what they send, and its recording. */
export class Room {
  readonly organizationId: OrganizationId;
  readonly sessionId: SessionId;
  readonly #title: string;
  readonly #deps: RoomDependencies;
  readonly #members = new Members();
  readonly #producers = new Map<string, LiveProducer>();
  #media: { sfuId: string; capabilities: RouterCapabilities } | null = null;
  #opening: Promise<{ sfu: SfuLink; capabilities: RouterCapabilities }> | null = null;
  /** What the SFU held when signaling came back; people returning are matched with it. */
  #found: LiveRoom | null = null;
  #recording: Recording | null = null;
  #starting: Promise<RecordingView> | null = null;
  #emptyTimer: NodeJS.Timeout | null = null;
  #retryTimer: NodeJS.Timeout | null = null;

  constructor(
    place: { organizationId: OrganizationId; sessionId: SessionId; title: string },
    deps: RoomDependencies,
  ) {
    this.organizationId = place.organizationId;
    this.sessionId = place.sessionId;
    this.#title = place.title;
    this.#deps = deps;
  }

  // ── people ────────────────────────────────────────────────────────────────────────────────────────────

  /** @param resume transports the browser still holds; empty when it starts afresh */
  async join(seat: Seat, socket: RoomSocket, resume: string[]): Promise<RoomView> {
    const { sfu, capabilities } = await this.#openMedia();
    const member = this.#seated(seat, socket);
    this.#keepAlive();
    const resumed = resume.length > 0 && resume.every(id => member.transports.has(id));
    if (!resumed) await this.#closeMedia(member, sfu, 'reconnected');
    this.#deps.catalogue.noteParticipant(seat, 'joined');
    this.#deps.catalogue.noteSession(this.organizationId, this.sessionId, 'live');
    this.#members.tell('participantChanged', member.view, seat.participantId);
    return {
      sessionId: this.sessionId,
      title: this.#title,
      you: member.view,
      participants: [...this.#members].map(each => each.view),
      producers: [...this.#producers.values()].map(producerView),
      recording: this.#recording?.view ?? null,
      routerRtpCapabilities: capabilities,
      resumed,
    };
  }

  #seated(seat: Seat, socket: RoomSocket): Member {
    const before = this.#members.get(seat.participantId);
    if (before?.socket !== null && before?.socket !== undefined && before.socket !== socket) {
      before.socket.emit('dismissed', errors.replacedByNewerTab().toBody());
      before.socket.close();
    }
    const member = this.#members.seated(seat);
    member.socket = socket;
    member.state = 'joined';
    if (before === undefined) {
      const found = this.#found?.peers.find(peer => peer.participantId === seat.participantId);
      for (const { transportId } of found?.transports ?? []) member.transports.add(transportId);
    }
    return member;
  }

  /** The connection is gone; the person keeps the place for a while. */
  dropped(participantId: ParticipantId, socket: RoomSocket): void {
    const member = this.#members.get(participantId);
    if (member === undefined || member.socket !== socket) return;
    member.socket = null;
    member.state = 'reconnecting';
    this.#deps.catalogue.noteParticipant(member.seat, 'reconnecting');
    this.#members.tell('participantChanged', member.view);
    member.expectBack(MEMBER_GRACE_MS, () => void this.leave(participantId));
  }

  async leave(participantId: ParticipantId): Promise<void> {
    const member = this.#members.get(participantId);
    if (member === undefined) return;
    member.state = 'left';
    this.#members.remove(participantId);
    this.#members.tell('participantChanged', member.view);
    this.#deps.catalogue.noteParticipant(member.seat, 'left');
    const sfu = this.#sfu();
    if (sfu !== null) await this.#closeMedia(member, sfu, 'left').catch(this.#trouble);
    if (this.#members.size === 0) this.#emptied();
  }

  /** Ends somebody's stay for a reason they are told. */
  async dismiss(participantId: ParticipantId, error: AppError): Promise<void> {
    const socket = this.#members.get(participantId)?.socket;
    socket?.emit('dismissed', error.toBody());
    socket?.close();
    await this.leave(participantId);
  }

  /** The people to ask the database about when an invitation is revoked. */
  get participantIds(): ParticipantId[] {
    return [...this.#members].map(member => member.seat.participantId);
  }

  // ── media ─────────────────────────────────────────────────────────────────────────────────────────────

  async createTransport(seat: Seat, direction: Command<'transport.create'>['direction']) {
    const { participantId } = seat;
    const { sfu } = await this.#openMedia();
    const { sessionId } = this;
    const transport = await sfu.ask('transport.create', { sessionId, participantId, direction });
    this.#member(seat).transports.add(transport.transportId);
    return transport;
  }

  async connectTransport(seat: Seat, command: Command<'transport.connect'>): Promise<null> {
    return this.#present().ask('transport.connect', { ...this.#peer(seat), ...command });
  }

  async restartIce(seat: Seat, command: Command<'transport.restart-ice'>) {
    return this.#present().ask('transport.restart-ice', { ...this.#peer(seat), ...command });
  }

  async openProducer(seat: Seat, command: Command<'producer.open'>): Promise<{ producerId: string }> {
    const { participantId } = seat;
    const { source, paused } = command;
    const trackId = trackIdSchema.parse(randomUUID());
    const sfu = this.#present();
    const { producerId } = await sfu.ask('producer.open', { ...this.#peer(seat), ...command, trackId });
    const producer: LiveProducer = { producerId, trackId, participantId, source, paused };
    this.#producers.set(producerId, producer);
    this.#members.tell('producerOpened', producerView(producer), participantId);
    void this.#reconcile('left');
    return { producerId };
  }

  async setPaused(seat: Seat, producerId: string, paused: boolean): Promise<null> {
    const producer = this.#own(seat, producerId);
    const request = { ...this.#peer(seat), producerId };
    await this.#present().ask(paused ? 'producer.pause' : 'producer.resume', request);
    producer.paused = paused;
    this.#members.tell('producerChanged', producerView(producer), seat.participantId);
    void this.#reconcile('left');
    return null;
  }

  async closeProducer(seat: Seat, producerId: string): Promise<null> {
    this.#own(seat, producerId);
    this.#dropProducer(producerId);
    void this.#reconcile('left');
    return this.#present().ask('producer.close', { ...this.#peer(seat), producerId });
  }

  async openConsumer(seat: Seat, command: Command<'consumer.open'>) {
    if (!this.#producers.has(command.producerId)) throw errors.notFound('producer');
    return this.#present().ask('consumer.open', { ...this.#peer(seat), ...command });
  }

  async resumeConsumer(seat: Seat, consumerId: string): Promise<null> {
    return this.#present().ask('consumer.resume', { ...this.#peer(seat), consumerId });
  }

  /** One of the SFU's transports is gone for good: what it carried is over, though its owner may be back soon. */
  transportGone(participantId: ParticipantId, transportId: string): void {
    this.#members.get(participantId)?.transports.delete(transportId);
  }

  /** The router is gone. Everybody still connected is asked to come again. */
  mediaLost(): void {
    this.#media = null;
    this.#opening = null;
    this.#found = null;
    for (const producerId of [...this.#producers.keys()]) this.#dropProducer(producerId);
    for (const member of this.#members) member.transports.clear();
    this.#members.tell('mediaLost', {});
    void this.#openMedia().then(() => this.#reconcile('media-node-lost'), this.#trouble);
  }

  /** Takes over what an SFU node says is live, after signaling itself has been away. */
  adoptMedia(sfuId: string, live: LiveRoom): void {
    this.#media = { sfuId, capabilities: live.routerRtpCapabilities };
    this.#found = live;
    for (const { participantId, producers } of live.peers)
      for (const { producerId, trackId, source, paused } of producers)
        this.#producers.set(producerId, { producerId, trackId, participantId, source, paused });
    this.#adoptTaps();
    setTimeout(() => void this.#dropStrangers(), MEMBER_GRACE_MS).unref();
  }

  /** Those who did not come back after signaling's restart have left. */
  async #dropStrangers(): Promise<void> {
    const present = new Set(this.participantIds);
    for (const { producerId, participantId } of [...this.#producers.values()])
      if (!present.has(participantId)) this.#dropProducer(producerId);
    await this.#reconcile('left');
  }

  get sfuId(): string | null {
    return this.#media?.sfuId ?? null;
  }

  // ── recording ─────────────────────────────────────────────────────────────────────────────────────────

  startRecording(seat: Seat): Promise<RecordingView> {
    if (this.#recording?.active === true) return Promise.resolve(this.#recording.view);
    // Two hosts, or two clicks: one recording.
    this.#starting ??= this.#start(seat).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #start(seat: Seat): Promise<RecordingView> {
    const { organizationId, sessionId } = this;
    const { catalogue, recorders } = this.#deps;
    const recordingId = recordingIdSchema.parse(randomUUID());
    const refused = (error: unknown): never => {
      const reasoned = refusal(error);
      catalogue.noteRecording(organizationId, recordingId, 'incomplete', reasoned.message);
      throw reasoned;
    };
    const { recorder } = await this.#preflight(sessionId).catch((error: unknown) => {
      throw refusal(error);
    });
    await catalogue.insertRecording(seat, recordingId).catch((error: unknown) => {
      throw refusal(error);
    });
    const expected = this.#expectedTracks();
    await recorder
      .ask('recording.open', { organizationId, sessionId, recordingId, expected }, 12_000)
      .catch(refused);
    const recording = new Recording(
      { recordingId, sessionId, recorderId: recorder.nodeId },
      { state: 'recording', elapsedMs: 0 },
      { recorders, clock: this.#deps.clock, log: this.#deps.log, onTrouble: this.recordingTrouble },
    );
    this.#recording = recording;
    await this.#reconcile('left');
    catalogue.noteRecording(organizationId, recordingId, 'recording');
    return this.#tellRecording(recording.view);
  }

  async #preflight(sessionId: SessionId) {
    await this.#openMedia();
    return { recorder: this.#deps.recorders.pick(sessionId) };
  }

  #expectedTracks(): Record<MediaKind, number> {
    const kinds = [...this.#producers.values()].map(({ source }) => kindOf(source));
    const video = kinds.filter(kind => kind === 'video').length;
    return { audio: kinds.length - video, video };
  }

  async stopRecording(): Promise<RecordingView> {
    const recording = this.#recording;
    if (recording === null) throw errors.conflict('Nothing is being recorded.');
    if (!recording.active) return recording.view;
    const sfu = this.#sfu();
    await recording.close(sfu);
    this.#deps.catalogue.noteRecording(this.organizationId, recording.recordingId, 'draining');
    return this.#tellRecording(recording.moved('draining'));
  }

  /** A recorder says that it has this room's recording: known, or found again after a restart. */
  adoptRecording(recording: Recording, tracks: ReadonlySet<TrackId>): void {
    this.#recording = recording;
    this.#keepAlive();
    this.#adoptTaps();
    this.recorderBack(tracks);
    // People may have come back before the recorder did.
    this.#tellRecording(recording.view);
  }

  get recording(): Recording | null {
    return this.#recording;
  }

  recordingMoved(state: RecordingView['state'], reason: string | null = null): void {
    if (this.#recording !== null) this.#tellRecording(this.#recording.moved(state, reason));
  }

  recordingProgressed(progress: RecordingProgress): void {
    if (this.#recording?.recordingId === progress.recordingId)
      this.#members.tell('recordingProgress', progress);
  }

  /** The recorder dialled in again and lists the tracks that it is receiving. */
  recorderBack(tracks: ReadonlySet<TrackId>): void {
    this.#recording?.recorderHas(tracks);
    void this.#reconcile('left');
  }

  // ── inside ────────────────────────────────────────────────────────────────────────────────────────────

  #reconcile(cause: Parameters<Recording['reconcile']>[2]): Promise<void> {
    const recording = this.#recording;
    const sfu = this.#sfu();
    if (recording === null || !recording.active || sfu === null) return Promise.resolve();
    return recording.reconcile(sfu, [...this.#producers.values()], cause);
  }

  /** A track that could not be tapped is tried again until it is. */
  readonly recordingTrouble = (error: unknown): void => {
    this.#deps.log.error(
      { err: error, sessionId: this.sessionId },
      'a track is not being recorded; trying again',
    );
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      void this.#reconcile('left');
    }, RECONCILE_AGAIN_MS).unref();
  };

  readonly #trouble = (error: unknown): void => {
    this.#deps.log.warn({ err: error, sessionId: this.sessionId }, 'a media node did not follow');
  };

  #tellRecording(view: RecordingView): RecordingView {
    this.#members.tell('recordingChanged', view);
    return view;
  }

  #openMedia(): Promise<{ sfu: SfuLink; capabilities: RouterCapabilities }> {
    const media = this.#media;
    if (media !== null) {
      try {
        return Promise.resolve({ sfu: this.#deps.sfus.get(media.sfuId), capabilities: media.capabilities });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    this.#opening ??= this.#openRouter().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openRouter() {
    const { sessionId } = this;
    const sfu = this.#deps.sfus.pick(sessionId);
    const { routerRtpCapabilities: capabilities } = await sfu.ask('room.open', { sessionId });
    this.#media = { sfuId: sfu.nodeId, capabilities };
    return { sfu, capabilities };
  }

  /** The room's SFU if it is reachable. */
  #sfu(): SfuLink | null {
    if (this.#media === null) return null;
    try {
      return this.#deps.sfus.get(this.#media.sfuId);
    } catch {
      return null;
    }
  }

  #present(): SfuLink {
    const sfu = this.#sfu();
    if (sfu === null) throw errors.nodeUnavailable('media server');
    return sfu;
  }

  #peer(seat: Seat) {
    return { sessionId: this.sessionId, participantId: seat.participantId };
  }

  #member(seat: Seat): Member {
    const member = this.#members.get(seat.participantId);
    if (member === undefined) throw errors.joinFirst();
    return member;
  }

  #own(seat: Seat, producerId: string): LiveProducer {
    const producer = this.#producers.get(producerId);
    if (producer === undefined || producer.participantId !== seat.participantId)
      throw errors.notFound('producer');
    return producer;
  }

  #dropProducer(producerId: string): void {
    if (this.#producers.delete(producerId)) this.#members.tell('producerClosed', { producerId });
  }

  async #closeMedia(member: Member, sfu: SfuLink, cause: 'left' | 'reconnected'): Promise<void> {
    const { participantId } = member.seat;
    member.transports.clear();
    const own = [...this.#producers.values()].filter(each => each.participantId === participantId);
    for (const { producerId } of own) this.#dropProducer(producerId);
    await this.#reconcile(cause);
    await sfu.ask('peer.close', { sessionId: this.sessionId, participantId });
  }

  #adoptTaps(): void {
    const byTrack = new Map([...this.#producers.values()].map(producer => [producer.trackId, producer]));
    const standing = (this.#found?.taps ?? []).flatMap(({ tapId, trackId }) => {
      const producer = byTrack.get(trackId);
      return producer === undefined ? [] : [{ tapId, producer }];
    });
    this.#recording?.adopt(standing);
  }

  #keepAlive(): void {
    if (this.#emptyTimer !== null) clearTimeout(this.#emptyTimer);
    this.#emptyTimer = null;
    if (this.#members.size === 0) this.#emptied();
  }

  #emptied(): void {
    if (this.#recording?.active !== true) {
      void this.close();
      return;
    }
    this.#emptyTimer ??= setTimeout(() => {
      void this.stopRecording().then(() => this.close(), this.recordingTrouble);
    }, EMPTY_GRACE_MS).unref();
  }

  async close(): Promise<void> {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#deps.onClosed(this);
    this.#deps.catalogue.noteSession(this.organizationId, this.sessionId, 'ended');
    await this.#sfu()?.ask('room.close', { sessionId: this.sessionId }).catch(this.#trouble);
  }
}

const producerView = ({ producerId, participantId, source, paused }: LiveProducer): ProducerView => ({
  producerId,
  participantId,
  source,
  kind: kindOf(source),
  paused,
});
