import type { LiveRoom } from '@cratersync/sfu/control';
import {
  type AppError,
  type ChangeableRole,
  errors,
  type OrganizationId,
  type ParticipantId,
  type Region,
  type Request,
  type RoomView,
  type roomCommands,
  type SessionId,
} from '../protocol/index.ts';
import { Conversation } from './conversation.ts';
import { Entrance } from './entrance.ts';
import { type Member, Members, type RoomSocket } from './members.ts';
import type { RecordedRoom } from './recorded-room.ts';
import { RoomMedia } from './room-media.ts';
import { type Announced, RoomRecording } from './room-recording.ts';
import type { RoomDependencies } from './rooms.ts';
import type { Seat } from './seat.ts';
import { Sending } from './sending.ts';

type Command<K extends keyof typeof roomCommands> = Request<typeof roomCommands, K>;

/** How long somebody whose connection dropped keeps their place and their media. */
const MEMBER_GRACE_MS = 60_000;
/** How long a room without anybody in it goes on recording. */
const EMPTY_GRACE_MS = 120_000;

/** How somebody comes in. */
export interface Coming {
  /** Transports that their browser still holds; empty when it starts afresh. */
  resume: string[];
  /** How many there may be at a time; null: as many as come */
  people: number | null;
}

/** A live session: who is there, what they send, and its recording. */
export class Room {
  readonly organizationId: OrganizationId;
  readonly sessionId: SessionId;
  /** Where its media may go; null until it matters. */
  region: Region | null;
  readonly #title: string;
  readonly #deps: RoomDependencies;
  readonly #members = new Members();
  readonly media: RoomMedia;
  readonly conversation: Conversation;
  #emptyTimer: NodeJS.Timeout | null = null;
  readonly recording: RoomRecording;
  readonly sending: Sending;
  readonly entrance: Entrance;

  constructor(
    place: { organizationId: OrganizationId; sessionId: SessionId; region: Region | null; title: string },
    deps: RoomDependencies,
  ) {
    this.organizationId = place.organizationId;
    this.sessionId = place.sessionId;
    this.region = place.region;
    this.#title = place.title;
    this.#deps = deps;
    this.conversation = new Conversation(this.#members, deps.clock);
    this.media = new RoomMedia({ sessionId: this.sessionId, region: () => this.region }, deps);
    this.recording = new RoomRecording(this.#recorded(), deps);
    this.sending = new Sending({ members: this.#members, media: this.media, recording: this.recording });
    this.entrance = new Entrance(this.sessionId, this.#members, deps.lobbies);
  }

  #recorded(): RecordedRoom {
    const { media } = this;
    return {
      organizationId: this.organizationId,
      sessionId: this.sessionId,
      region: () => this.region,
      get producers() {
        return media.producers;
      },
      get standingTaps() {
        return media.standingTaps;
      },
      sfu: () => media.sfu,
      openMedia: () => media.open(),
      tell: (event, body) => this.#members.tell(event, body),
    };
  }

  // ── people ────────────────────────────────────────────────────────────────────────────────────────────

  get peopleCount(): number {
    return this.#members.size;
  }

  /** @throws `plan_limit` when it is full */
  async join(seat: Seat, socket: RoomSocket, { resume, people }: Coming): Promise<RoomView> {
    const { capabilities } = await this.media.open();
    // Gone, or sent out, while the room was opened.
    if (!socket.isOpen) throw errors.joinFirst();
    this.#refuseMoreThan(people, seat.participantId);
    const member = this.#seated(seat, socket);
    this.#keepAlive();
    const known = resume.length > 0 && resume.every(id => member.transports.has(id));
    // Who has become a producer sends nothing any more.
    const resumed =
      known && (seat.role !== 'producer' || this.media.producersOf(seat.participantId).length === 0);
    if (!resumed) await this.sending.end(member, 'reconnected');
    this.#deps.catalogue.noteParticipant(seat, 'joined');
    this.#deps.catalogue.noteSession(this.organizationId, this.sessionId, 'live');
    this.#members.tell('participantChanged', member.view, seat.participantId);
    this.entrance.peopleChanged();
    return {
      sessionId: this.sessionId,
      title: this.#title,
      you: member.view,
      participants: [...this.#members].map(each => each.view),
      producers: this.sending.views,
      recording: this.recording.current?.view ?? null,
      countdown: this.recording.countdown.view,
      markers: this.recording.markers.list,
      settings: this.entrance.settings,
      waiting: member.leads ? this.entrance.waiting : [],
      conversationId: this.conversation.conversationId,
      chat: this.conversation.messages,
      routerRtpCapabilities: capabilities,
      resumed,
    };
  }

  /** Whoever is inside already, or comes back, is none more. */
  #refuseMoreThan(people: number | null, participantId: ParticipantId): void {
    const inside = this.participantIds;
    if (people !== null && inside.length >= people && !inside.includes(participantId))
      throw errors.planPeople(people);
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
    if (before === undefined)
      for (const id of this.media.foundTransportsOf(seat.participantId)) member.transports.add(id);
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
    this.entrance.peopleChanged();
    member.expectBack(MEMBER_GRACE_MS, () => void this.leave(participantId));
  }

  async leave(participantId: ParticipantId): Promise<void> {
    const member = this.#members.get(participantId);
    if (member === undefined) return;
    member.state = 'left';
    this.#members.remove(participantId);
    this.#members.tell('participantChanged', member.view);
    this.entrance.peopleChanged();
    this.#deps.catalogue.noteParticipant(member.seat, 'left');
    await this.sending.end(member, 'left').catch(this.media.trouble);
    if (this.#members.size === 0) this.#emptied();
  }

  /** Ends somebody's stay for a reason they are told; also of whoever has media here, and has not come back yet. */
  async dismiss(participantId: ParticipantId, error: AppError): Promise<void> {
    const socket = this.#members.get(participantId)?.socket;
    socket?.emit('dismissed', error.toBody());
    socket?.close();
    // Before everything else: a recorder that hangs must not let them see and hear on.
    const cutOff = this.media.closePeer(participantId).catch(this.media.trouble);
    if (this.#members.get(participantId) === undefined) {
      this.sending.dropOf(participantId);
      void this.recording.reconcile('left');
    }
    // What is left to do for their recording is waited for by nobody.
    void this.leave(participantId);
    await cutOff;
  }

  /** Everybody who is here, or had media here when signaling came back. */
  get participantIds(): ParticipantId[] {
    return [
      ...new Set([...this.media.foundIds, ...[...this.#members].map(member => member.seat.participantId)]),
    ];
  }

  /** The seat as it is now: a role may have changed since it was taken. */
  seatOf(participantId: ParticipantId): Seat | undefined {
    return this.#members.get(participantId)?.seat;
  }

  changeRole(participantId: ParticipantId, role: ChangeableRole): void {
    const member = this.#members.get(participantId);
    if (member === undefined) return;
    member.changeRole(role);
    this.#members.tell('participantChanged', member.view);
    if (member.leads) this.entrance.tell(member);
    this.entrance.peopleChanged();
  }

  /** Closes somebody's microphone, and tells them who did. @throws `not_found` */
  async mute(participantId: ParticipantId, by: string): Promise<void> {
    const member = this.#members.get(participantId);
    if (member === undefined) throw errors.notFound('person');
    await this.sending.mute(member, by);
  }

  // ── media ─────────────────────────────────────────────────────────────────────────────────────────────

  async createTransport(seat: Seat, direction: Command<'transport.create'>['direction']) {
    this.#members.present(seat);
    const { sfu } = await this.media.open();
    const transport = await sfu.ask('transport.create', { ...this.media.peer(seat), direction });
    this.#members.present(seat).transports.add(transport.transportId);
    return { ...transport, iceServers: this.#deps.iceServers() };
  }

  /** One of the SFU's transports is gone for good: what it carried is over, though its owner may be back soon. */
  transportGone(participantId: ParticipantId, transportId: string): void {
    this.#members.get(participantId)?.transports.delete(transportId);
  }

  /** The router is gone. Everybody still connected is asked to come again. */
  mediaLost(): void {
    this.media.lost();
    this.sending.dropAll();
    for (const member of this.#members) member.transports.clear();
    this.#members.tell('mediaLost', {});
    void this.media.open().then(() => this.recording.reconcile('media-node-lost'), this.media.trouble);
  }

  /** Takes over what an SFU node says is live, after signaling itself has been away. */
  adoptMedia(sfuId: string, live: LiveRoom): void {
    this.media.adopt(sfuId, live);
    this.recording.adoptTaps();
    this.#deps.onFound(this);
    setTimeout(() => void this.#dropStrangers(), MEMBER_GRACE_MS).unref();
  }

  /** Who left, or was sent out, while the SFU could not be told: they must not see and hear on. */
  async sfuIsBack(live: LiveRoom): Promise<void> {
    const here = new Set(this.participantIds);
    const gone = live.peers.map(({ participantId }) => participantId).filter(id => !here.has(id));
    await Promise.all(gone.map(id => this.media.closePeer(id).catch(this.media.trouble)));
  }

  /** Those who did not come back after signaling's restart have left. */
  async #dropStrangers(): Promise<void> {
    const strangers = this.participantIds.filter(id => this.#members.get(id) === undefined);
    this.media.forgetFound();
    for (const participantId of strangers) this.sending.dropOf(participantId);
    const closed = strangers.map(id => this.media.closePeer(id).catch(this.media.trouble));
    await Promise.all([this.recording.reconcile('left'), ...closed]);
  }

  // ── recording ─────────────────────────────────────────────────────────────────────────────────────────

  /** @returns what the recorder is to do */
  recordingAnnounced(by: Announced): ReturnType<RoomRecording['announced']> {
    const answer = this.recording.announced(by);
    this.#keepAlive();
    return answer;
  }

  // ── inside ────────────────────────────────────────────────────────────────────────────────────────────

  #keepAlive(): void {
    if (this.#emptyTimer !== null) clearTimeout(this.#emptyTimer);
    this.#emptyTimer = null;
    if (this.#members.size === 0) this.#emptied();
  }

  #emptied(): void {
    if (!this.recording.active) {
      void this.close();
      return;
    }
    this.#emptyTimer ??= setTimeout(() => {
      void this.recording.stop().then(() => this.close(), this.recording.trouble);
    }, EMPTY_GRACE_MS).unref();
  }

  async close(): Promise<void> {
    this.recording.close();
    this.#deps.onClosed(this);
    this.#deps.catalogue.noteSession(this.organizationId, this.sessionId, 'ended');
    await this.media.close();
  }
}
