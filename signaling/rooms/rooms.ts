import type { Clock, Log } from '@cratersync/infra/runtime';
import type { recorderReports } from '@cratersync/recorder/control';
import type { LiveRoom } from '@cratersync/sfu/control';
import type { OrganizationId, Region, Request, SessionId, SessionSettings } from '../protocol/index.ts';
import type { IceServers } from '../turn.ts';
import type { Catalogue } from './catalogue.ts';
import { Endings } from './endings.ts';
import { Lobbies } from './lobby.ts';
import { Nodes, type RecorderLink, type SfuLink } from './nodes.ts';
import { Room } from './room.ts';
import type { Seat } from './seat.ts';

type Report<K extends keyof typeof recorderReports> = Request<typeof recorderReports, K>;
type Announced = Report<'announce'>['recordings'][number];

export interface RoomDependencies {
  sfus: Nodes<SfuLink>;
  recorders: Nodes<RecorderLink>;
  catalogue: Catalogue;
  endings: Endings;
  lobbies: Lobbies;
  iceServers: IceServers;
  clock: Clock;
  log: Log;
  onClosed: (room: Room) => void;
  /** It has taken over media whose people may have lost their seats while signaling was away. */
  onFound: (room: Room) => void;
}

/** Every live room of this process, and what the media nodes report about them. */
export class Rooms {
  readonly sfus = new Nodes<SfuLink>('media server');
  readonly recorders = new Nodes<RecorderLink>('recorder');
  readonly #rooms = new Map<SessionId, Room>();
  /** Rooms that an SFU node holds and nobody has come back to yet. */
  readonly #found = new Map<SessionId, { sfuId: string; live: LiveRoom }>();
  readonly #catalogue: Catalogue;
  readonly #endings: Endings;
  readonly lobbies = new Lobbies(sessionId => this.#rooms.get(sessionId)?.entrance.lobbyChanged());
  /** Set by whoever checks seats. */
  onFound: (room: Room) => void = () => {};
  readonly #iceServers: IceServers;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(options: { catalogue: Catalogue; iceServers: IceServers; clock: Clock; log: Log }) {
    this.#catalogue = options.catalogue;
    this.#iceServers = options.iceServers;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#endings = new Endings({ recorders: this.recorders, log: this.#log });
  }

  find(sessionId: SessionId): Room | undefined {
    return this.#rooms.get(sessionId);
  }

  /** The room of a seat, opened when the first person comes. */
  enter(seat: Seat & SessionSettings): Room {
    const room = this.#room(seat, seat.sessionTitle);
    room.entrance.learn({ lobby: seat.lobby, locked: seat.locked });
    return room;
  }

  #room(place: Pick<Seat, 'organizationId' | 'sessionId'> & { region: Region | null }, title: string): Room {
    const { organizationId, sessionId, region } = place;
    const known = this.#rooms.get(sessionId);
    if (known !== undefined) {
      known.region ??= region;
      return known;
    }
    const room = new Room(
      { organizationId, sessionId, region, title },
      {
        sfus: this.sfus,
        recorders: this.recorders,
        catalogue: this.#catalogue,
        endings: this.#endings,
        lobbies: this.lobbies,
        iceServers: this.#iceServers,
        clock: this.#clock,
        log: this.#log,
        onClosed: closed => {
          if (this.#rooms.get(sessionId) === closed) this.#rooms.delete(sessionId);
        },
        onFound: room => this.onFound(room),
      },
    );
    this.#rooms.set(sessionId, room);
    const found = this.#found.get(sessionId);
    this.#found.delete(sessionId);
    if (found !== undefined) room.adoptMedia(found.sfuId, found.live);
    return room;
  }

  /** Somebody is inside: they need not wait again, and a host has the session open. */
  noteEntered(seat: Seat & { closed: boolean }): void {
    if (seat.accountId === null) this.#catalogue.noteAdmitted(seat);
    if (seat.role === 'host' && seat.closed) this.#catalogue.noteReopened(seat);
  }

  /** How much there is of what, for metrics. */
  figures() {
    const rooms = [...this.#rooms.values()];
    const peopleByOrganization = new Map<OrganizationId, number>();
    let people = 0;
    for (const { organizationId, peopleCount } of rooms) {
      people += peopleCount;
      peopleByOrganization.set(organizationId, (peopleByOrganization.get(organizationId) ?? 0) + peopleCount);
    }
    const recording = rooms.filter(room => room.recording.active).length;
    return { rooms: rooms.length, people, waiting: this.lobbies.size, recording, peopleByOrganization };
  }

  /** Those of an organization. */
  of(organizationId: OrganizationId): Room[] {
    return [...this.#rooms.values()].filter(room => room.organizationId === organizationId);
  }

  /** An SFU node dialled in. What it does not list of ours is lost; what it lists and we don't know is kept for its people. */
  sfuAnnounced(link: SfuLink, live: LiveRoom[]): void {
    this.sfus.add(link);
    const bySession = new Map(live.map(room => [room.sessionId, room]));
    for (const room of [...this.#rooms.values()])
      if (room.media.sfuId === link.nodeId && !bySession.has(room.sessionId)) room.mediaLost();
    for (const found of live) {
      const room = this.#rooms.get(found.sessionId);
      if (room === undefined) this.#found.set(found.sessionId, { sfuId: link.nodeId, live: found });
      else if (room.media.sfuId === null) room.adoptMedia(link.nodeId, found);
      else if (room.media.sfuId === link.nodeId) void room.sfuIsBack(found);
    }
  }

  async recorderAnnounced(link: RecorderLink, announced: Announced[]): Promise<void> {
    this.recorders.add(link);
    this.#endings.recorderBack(link.nodeId, new Set(announced.map(({ recordingId }) => recordingId)));
    for (const recording of announced) if (!recording.closing) await this.#adopt(link, recording);
  }

  async #adopt(link: RecorderLink, announced: Announced): Promise<void> {
    const { organizationId, sessionId, recordingId, tracks, ...facts } = announced;
    if (this.#endings.has(recordingId)) {
      // It was stopped while this recorder was away; its room may be closed.
      await link.ask('recording.close', { recordingId });
      return;
    }
    const title = await this.#catalogue.sessionTitle(organizationId, sessionId).catch(() => '');
    // Where the recorder is, it may be recorded: there it was begun.
    const room = this.#room({ organizationId, sessionId, region: link.region }, title);
    const todo = room.recordingAnnounced({
      recordingId,
      recorderId: link.nodeId,
      tracks: new Set(tracks.map(({ trackId }) => trackId)),
      ...facts,
    });
    if (todo === 'close') await link.ask('recording.close', { recordingId });
    if (todo === 'yield') await link.ask('recording.yield', { recordingId });
  }

  /** A recorder's connection is gone. */
  recorderGone(link: RecorderLink): void {
    if (!this.recorders.remove(link)) return;
    for (const room of this.#rooms.values()) room.recording.recorderGone(link.nodeId);
    this.#endings.recorderGone(link.nodeId);
  }

  recordingChanged({ organizationId, recordingId, state }: Report<'recording.changed'>): void {
    this.#catalogue.noteRecording(organizationId, recordingId, state);
    this.#withRecording(recordingId)?.recording.ending(state);
  }

  recordingsProgressed({ recordings }: Report<'recordings.progressed'>): void {
    for (const { sessionId, ...progress } of recordings)
      this.#rooms.get(sessionId)?.recording.progressed(progress);
  }

  recordingWarned({ recordingId, message }: Report<'recording.warned'>): void {
    const room = this.#withRecording(recordingId);
    const state = room?.recording.current?.view.state;
    if (state !== undefined) room?.recording.moved(state, message);
  }

  /** @throws while the database is away: the recorder repeats its report until it is acknowledged */
  async recordingFinalized(report: Report<'recording.finalized'>): Promise<void> {
    await this.#catalogue.finalize(report);
    this.#endings.done(report.recordingId);
    this.#withRecording(report.recordingId)?.recording.moved('complete');
  }

  #withRecording(recordingId: string): Room | undefined {
    return [...this.#rooms.values()].find(room => room.recording.current?.recordingId === recordingId);
  }
}
