import type { SessionId, SessionSettings, WaitingView } from '../protocol/index.ts';
import type { Lobbies } from './lobby.ts';
import type { Member, Members } from './members.ts';

/** How a room treats those who come, and who of them waits: those who run the room are told. */
export class Entrance {
  readonly #sessionId: SessionId;
  readonly #members: Members;
  readonly #lobbies: Lobbies;
  /** Null until somebody has come. */
  #settings: SessionSettings | null = null;

  constructor(sessionId: SessionId, members: Members, lobbies: Lobbies) {
    this.#sessionId = sessionId;
    this.#members = members;
    this.#lobbies = lobbies;
  }

  get settings(): SessionSettings {
    return this.#settings ?? { lobby: false, locked: false };
  }

  /** How the session treats those who come was changed. */
  set settings(settings: SessionSettings) {
    this.#settings = settings;
    this.#members.tellLeaders('settingsChanged', settings);
  }

  /** What somebody who comes was told of it; what is known already may be newer. */
  learn(settings: SessionSettings): void {
    this.#settings ??= settings;
  }

  get waiting(): WaitingView[] {
    return this.#lobbies.of(this.#sessionId);
  }

  /** Somebody waits, or does no longer. */
  lobbyChanged(): void {
    this.#members.tellLeaders('lobbyChanged', { waiting: this.waiting });
  }

  /** To somebody who runs the room from now on. */
  tell({ socket }: Member): void {
    socket?.emit('settingsChanged', this.settings);
    socket?.emit('lobbyChanged', { waiting: this.waiting });
  }

  /** Whether anybody is connected who could admit people. */
  get hostIsHere(): boolean {
    return [...this.#members].some(member => member.leads && member.socket !== null);
  }

  /** Somebody came, went, or has another role: those who wait are told whether a host is here. */
  peopleChanged(): void {
    this.#lobbies.tell(this.#sessionId, this.hostIsHere);
  }
}
