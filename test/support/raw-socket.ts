import { ROOM_NAMESPACE } from '@cratersync/signaling/protocol';

/**
 * A browser that speaks engine.io (protocol 4) and socket.io (protocol 5) by hand, so that it can say what no honest
 * client says.
 */
export class RawSocket {
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;
  readonly #waiting = new Set<(frame: string) => void>();
  #onFrame: (frame: string) => void = () => {};
  isClosed = false;

  private constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    this.#socket.binaryType = 'arraybuffer';
    this.#closed = new Promise(resolve => {
      this.#socket.addEventListener('close', () => {
        this.isClosed = true;
        for (const heard of this.#waiting) heard('closed');
        resolve();
      });
    });
    this.#socket.addEventListener('error', () => {});
    this.#socket.addEventListener('message', ({ data }) =>
      this.#heard(typeof data === 'string' ? data : 'binary'),
    );
  }

  /** Connected as engine.io has it; to no namespace yet. */
  static async open(url: string): Promise<RawSocket> {
    const socket = new RawSocket(url);
    await socket.next(frame => frame.startsWith('0'));
    return socket;
  }

  /** Connected to the rooms. @returns null when it was refused */
  static async inSeat(url: string, credential: unknown): Promise<RawSocket | null> {
    const socket = await RawSocket.open(url);
    socket.send(`40${ROOM_NAMESPACE},${JSON.stringify({ credential })}`);
    const answer = await socket.next(frame => frame.startsWith('40/') || frame.startsWith('44/'));
    if (answer.startsWith('40/')) return socket;
    socket.close();
    return null;
  }

  /** Hears everything but pings. */
  set onFrame(heard: (frame: string) => void) {
    this.#onFrame = heard;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  /** Sends a command as it should be. @returns the answer; null when the connection was closed instead */
  async ask(id: number, command: string, body: unknown): Promise<unknown> {
    const prefix = `43${ROOM_NAMESPACE},${id}[`;
    const answered = this.next(frame => frame.startsWith(prefix));
    this.send(`42${ROOM_NAMESPACE},${id}${JSON.stringify([command, body])}`);
    const frame = await answered;
    return frame === 'closed' ? null : JSON.parse(frame.slice(prefix.length - 1))[0];
  }

  /** The next frame of a kind; `closed` when none can come any more. */
  next(isWanted: (frame: string) => boolean): Promise<string> {
    if (this.isClosed) return Promise.resolve('closed');
    return new Promise(resolve => {
      const heard = (frame: string) => {
        if (frame !== 'closed' && !isWanted(frame)) return;
        this.#waiting.delete(heard);
        resolve(frame);
      };
      this.#waiting.add(heard);
    });
  }

  get closed(): Promise<void> {
    return this.#closed;
  }

  close(): void {
    this.#socket.close();
  }

  #heard(frame: string): void {
    if (frame === '2') {
      this.send('3');
      return;
    }
    this.#onFrame(frame);
    for (const heard of [...this.#waiting]) heard(frame);
  }
}
