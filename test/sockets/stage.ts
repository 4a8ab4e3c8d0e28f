import { once } from 'node:events';
import { type LinkRole, type ParticipantId, rest } from '@cratersync/signaling/protocol';
import type { Browser } from '@cratersync/signaling/testing';
import type { Socket } from 'socket.io-client';
import { heard, say, sitDown } from '../support/api.ts';
import { PlayedRecorder, PlayedSfu } from '../support/played-nodes.ts';
import { SignalingProcess } from '../support/signaling-process.ts';

/** A real signaling process with media nodes that are played, and an organization. */
export class Stage {
  readonly server: SignalingProcess;
  readonly sfu: PlayedSfu;
  readonly recorder: PlayedRecorder;
  readonly rita: Browser;
  readonly #sockets: Socket[] = [];

  private constructor(setting: Pick<Stage, 'server' | 'sfu' | 'recorder' | 'rita'>) {
    this.server = setting.server;
    this.sfu = setting.sfu;
    this.recorder = setting.recorder;
    this.rita = setting.rita;
  }

  static async open(execArgv: string[] = [], settings: Record<string, string> = {}): Promise<Stage> {
    const server = await SignalingProcess.start(execArgv, settings);
    const [sfu, recorder] = await Promise.all([
      PlayedSfu.dialIn(server.url, server.secret),
      PlayedRecorder.dialIn(server.url, server.secret),
    ]);
    const rita = await server.host('rita@example.org', 'Rita');
    return new Stage({ server, sfu, recorder, rita });
  }

  /** Signaling is killed, and comes back; so does the SFU. */
  async restart(): Promise<void> {
    const isBack = once(this.sfu, 'announced');
    await this.server.crashAndRestart();
    await isBack;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.disconnect();
    this.sfu.close();
    this.recorder.close();
    await this.server.close();
  }

  async session(by: Browser = this.rita, title = 'Moon talk'): Promise<Session> {
    const { body } = await by.post('/api/v1/sessions', { title });
    return new Session(this, by, rest.sessionSummary.parse(body).sessionId);
  }

  /** Connected and not joined. @throws what the server refused it with */
  async sit(credential: unknown): Promise<Socket> {
    const socket = sitDown(this.server.url, { credential });
    this.#sockets.push(socket);
    const refused = heard(socket, 'connect_error').then(error => Promise.reject(error));
    await Promise.race([heard(socket, 'connect'), refused]);
    return socket;
  }
}

/** Somebody with a seat and a connection. */
export interface Person {
  participantId: ParticipantId;
  credential: string;
  socket: Socket;
  /** Every event that reached them, with what came with it. */
  heard: [string, unknown][];
}

export class Session {
  readonly stage: Stage;
  readonly host: Browser;
  readonly sessionId: string;

  constructor(stage: Stage, host: Browser, sessionId: string) {
    this.stage = stage;
    this.host = host;
    this.sessionId = sessionId;
  }

  async link(role: LinkRole = 'guest'): Promise<{ invitationId: string; token: string }> {
    const { body } = await this.host.post(`/api/v1/sessions/${this.sessionId}/invitations`, { role });
    const { invitationId, url } = rest.createdInvitation.parse(body);
    return { invitationId, token: url.split('#')[1] ?? '' };
  }

  revoke(invitationId: string) {
    return this.host.delete(`/api/v1/sessions/${this.sessionId}/invitations/${invitationId}`);
  }

  configure(change: { lobby?: boolean; locked?: boolean }) {
    return this.host.send('PATCH', `/api/v1/sessions/${this.sessionId}`, change);
  }

  async seatBy(token: string, displayName: string): Promise<rest.Seat> {
    const { body } = await this.stage.server.browser().post('/api/v1/join', { token, displayName });
    return rest.seat.parse(body);
  }

  async hostSeat(as: 'host' | 'producer' = 'host'): Promise<rest.Seat> {
    const { body } = await this.host.post(`/api/v1/sessions/${this.sessionId}/host-seat`, { as });
    return rest.seat.parse(body);
  }

  async connect({
    participantId,
    credential,
  }: Pick<rest.Seat, 'participantId' | 'credential'>): Promise<Person> {
    const socket = await this.stage.sit(credential);
    const events: Person['heard'] = [];
    socket.onAny((event: string, body: unknown) => events.push([event, body]));
    return { participantId, credential, socket, heard: events };
  }

  /** Comes by a link of that role, and joins. */
  async come(role: LinkRole, displayName: string): Promise<Person> {
    const { token } = await this.link(role);
    return this.join(await this.seatBy(token, displayName));
  }

  async hostComes(): Promise<Person> {
    return this.join(await this.hostSeat());
  }

  async join(seat: rest.Seat): Promise<Person> {
    const person = await this.connect(seat);
    await say(person.socket, 'join', { resume: [] });
    return person;
  }
}

/** What reached somebody until now is not what `hears` waits for any more. */
export function forget(person: Person): void {
  person.heard.length = 0;
}

/** The next time that somebody hears an event for which `isWanted` holds, or at once if they have heard it. */
export function hears(
  person: Person,
  event: string,
  isWanted: (body: unknown) => boolean = () => true,
): Promise<unknown> {
  const before = person.heard.find(([name, body]) => name === event && isWanted(body));
  if (before !== undefined) return Promise.resolve(before[1]);
  return new Promise(resolve => {
    const listener = (body: unknown) => {
      if (!isWanted(body)) return;
      person.socket.off(event, listener);
      resolve(body);
    };
    person.socket.on(event, listener);
  });
}
