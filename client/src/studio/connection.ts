import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import {
  call,
  errorBody,
  errors,
  type LobbyView,
  type Request,
  type Response,
  ROOM_NAMESPACE,
  type RoomCommand,
  type RoomEvent,
  type RoomView,
  roomCommands,
  roomEvents,
  toAppError,
} from '../protocol.ts';
import { type Effect, type Input, initialRejoin, type RejoinState, step } from './rejoin.ts';
import type { RoomChange } from './room-state.ts';
import { WakeWatch } from './wake-watch.ts';

/** Sends one command to the room. */
export type Ask = <K extends RoomCommand>(
  name: K,
  request: z.input<(typeof roomCommands)[K]['request']>,
  timeoutMs?: number,
) => Promise<Response<typeof roomCommands, K>>;

/** What the connection needs of the studio around it. */
export interface Surroundings {
  /** Transports that this page would keep, if the server still has them. */
  transportIds(): string[];
  onJoined(view: RoomView): void;
  /** Somebody has to admit this person first. */
  onWaiting(view: LobbyView): void;
  /** Makes transports, producers and consumers anew. */
  build(view: RoomView): Promise<void>;
  restartIce(): Promise<void>;
  /** Whether no transport is cut off. */
  isMediaHealthy(): boolean;
  onChange(change: RoomChange): void;
  onState(state: RejoinState): void;
  /** The connection is over, by the person's wish or the server's. */
  onClosed(): void;
}

/** The room's socket: keeps itself connected and joined, as `rejoin.ts` decides. */
export class Connection {
  readonly #surroundings: Surroundings;
  readonly #socket: Socket;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #state: RejoinState = initialRejoin;
  #view: RoomView | null = null;

  constructor(credential: string, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#socket = io(ROOM_NAMESPACE, {
      auth: { credential },
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      // An attempt that began while the network was gone is not worth waiting for.
      timeout: 6_000,
    });
    this.#listen();
  }

  get state(): RejoinState {
    return this.#state;
  }

  /** @throws AppError; `unavailable` at once when the socket is down, rather than sending it late. */
  readonly ask: Ask = (name, request, timeoutMs) => {
    if (!this.#socket.connected) return Promise.reject(errors.unavailable('server'));
    return call(this.#socket, roomCommands, name, request, timeoutMs);
  };

  handle(input: Input): void {
    const { state, effects } = step(this.#state, input);
    this.#state = state;
    this.#surroundings.onState(state);
    for (const effect of effects) this.#carryOut(effect);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => this.handle({ type: 'socketUp' }));
    socket.on('disconnect', reason => {
      this.handle({ type: 'socketDown' });
      // The server closes a socket when it restarts; socket.io leaves coming back from that to us.
      if (reason === 'io server disconnect') this.#later(500, () => socket.connect());
    });
    socket.on('connect_error', failure => {
      if (socket.active) return;
      const told = errorBody.safeParse('data' in failure ? failure.data : undefined);
      this.handle({ type: 'socketRefused', error: told.data ?? errors.unavailable('server').toBody() });
    });
    for (const event of Object.keys(roomEvents) as RoomEvent[]) {
      socket.on(event, (body: unknown) => this.#hear(event, body));
    }
    window.addEventListener('online', this.#onOnline);
    document.addEventListener('resume', this.#startOver);
  }

  /** No need to wait for the back-off once the browser says that the network is there again. */
  readonly #onOnline = () => {
    if (!this.#socket.connected) this.#startOver();
  };

  /** The server may have given up on it long ago, and this end would notice only when nothing comes for a while. */
  readonly #startOver = () => {
    if (this.#state.phase !== 'ended') this.#socket.disconnect().connect();
  };

  readonly #wakeWatch = new WakeWatch(this.#startOver);

  #hear(event: RoomEvent, body: unknown): void {
    const change = { event, body: roomEvents[event].parse(body) } as RoomChange;
    if (change.event === 'mediaLost') this.handle({ type: 'mediaLost' });
    else if (change.event === 'admitted') this.handle({ type: 'admitted' });
    else if (change.event === 'dismissed') this.handle({ type: 'dismissed', ...change.body });
    else this.#surroundings.onChange(change);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'join':
        void this.#join(effect.attempt, effect.keepMedia);
        return;
      case 'build':
        void this.#build(effect.attempt);
        return;
      case 'restartIce':
        void this.#restartIce(effect.attempt);
        return;
      case 'retryLater':
        this.#later(effect.waitMs, () => this.handle({ type: 'retryDue', attempt: effect.attempt }));
        return;
      case 'reconnectLater':
        this.#later(effect.waitMs, () => this.#socket.connect());
        return;
      case 'watchTrouble':
        this.#later(effect.waitMs, () => this.#judgeMedia(effect.attempt));
        return;
      case 'close':
        void this.#close(effect.tellServer);
        return;
    }
  }

  async #join(attempt: number, keepMedia: boolean): Promise<void> {
    await this.#try(attempt, async () => {
      const request: Request<typeof roomCommands, 'join'> = {
        resume: keepMedia ? this.#surroundings.transportIds() : [],
      };
      const view = await this.ask('join', request);
      if (attempt !== this.#state.attempt) return;
      if ('waiting' in view && view.waiting === true) {
        this.#surroundings.onWaiting(view);
        this.handle({ type: 'mustWait', attempt });
        return;
      }
      this.#view = view;
      this.#surroundings.onJoined(view);
      this.handle({ type: 'joined', attempt, resumed: view.resumed });
    });
  }

  async #build(attempt: number): Promise<void> {
    const view = this.#view;
    if (view === null) return;
    await this.#try(attempt, async () => {
      await this.#surroundings.build(view);
      this.handle({ type: 'built', attempt });
    });
  }

  async #restartIce(attempt: number): Promise<void> {
    await this.#try(attempt, async () => {
      await this.#surroundings.restartIce();
      if (this.#surroundings.isMediaHealthy()) this.handle({ type: 'transportsHealthy' });
    });
  }

  #judgeMedia(attempt: number): void {
    const isHealthy = this.#surroundings.isMediaHealthy();
    this.handle(isHealthy ? { type: 'transportsHealthy' } : { type: 'troubleLasted', attempt });
  }

  async #try(attempt: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.handle({ type: 'failed', attempt, error: toAppError(thrown).toBody() });
    }
  }

  #later(waitMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#state.phase !== 'ended') work();
    }, waitMs);
    this.#timers.add(timer);
  }

  async #close(tellServer: boolean): Promise<void> {
    window.removeEventListener('online', this.#onOnline);
    document.removeEventListener('resume', this.#startOver);
    this.#wakeWatch.close();
    for (const timer of this.#timers) clearTimeout(timer);
    // Whether the server hears of it or not, this page has left.
    if (tellServer) await this.ask('leave', {}).catch(() => undefined);
    this.#socket.disconnect();
    this.#surroundings.onClosed();
  }
}
