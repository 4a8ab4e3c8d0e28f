import { ROOM_NAMESPACE, rest } from '@cratersync/signaling/protocol';
import { io, type Socket } from 'socket.io-client';
import { codeFor } from './people.ts';

/** A host's REST calls, with the cookies a browser would keep. */
export class ApiClient {
  readonly url: string;
  readonly #cookies = new Map<string, string>();

  private constructor(url: string) {
    this.url = url;
  }

  static async signedIn(url: string, email: string, name: string): Promise<ApiClient> {
    const client = new ApiClient(url);
    await client.call('POST', '/sign-in/codes', { email });
    await client.call('POST', '/sign-in', { email, code: await codeFor(url, email) });
    await client.call('PATCH', '/me', { displayName: name, organizationName: `${name}’s studio` });
    return client;
  }

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        cookie: this.cookie,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** What it sends as Cookie. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async session(title: string): Promise<{ sessionId: string; token: string }> {
    const { sessionId } = rest.sessionSummary.parse(await this.call('POST', '/sessions', { title }));
    const created = await this.call('POST', `/sessions/${sessionId}/invitations`);
    const { url } = rest.createdInvitation.parse(created);
    return { sessionId, token: url.split('#')[1] ?? '' };
  }

  async hostSeat(sessionId: string): Promise<rest.Seat> {
    return rest.seat.parse(await this.call('POST', `/sessions/${sessionId}/host-seat`, {}));
  }

  async guestSeat(token: string, displayName: string): Promise<rest.Seat> {
    return rest.seat.parse(await this.call('POST', '/join', { token, displayName }));
  }
}

/** A socket in a seat, as the studio's own. */
export function sitDown(url: string, seat: { credential: unknown }): Socket {
  return io(url + ROOM_NAMESPACE, {
    transports: ['websocket'],
    auth: { credential: seat.credential },
    forceNew: true,
    reconnection: false,
  });
}

/** What a server says to a command. */
export interface Told<T> {
  ok?: T;
  error?: { code: string; message: string };
}

/** One command, whatever its name and shape; the answer as it came. */
export const say = (socket: Socket, command: string, body: unknown): Promise<unknown> =>
  socket.timeout(10_000).emitWithAck(command, body);

/** The next time a socket hears of an event: its first argument. */
export const heard = (socket: Socket, event: string): Promise<unknown> =>
  new Promise(resolve => socket.once(event, resolve));
