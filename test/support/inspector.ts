/** Looks into a Node process that was started with `--inspect=127.0.0.1:0`, by the DevTools protocol. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: unknown) => void>();
  #ids = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
  }

  /** @param said what the process has written, which tells where it listens */
  static async attach(said: string): Promise<Inspector> {
    const url = /ws:\/\/\S+/.exec(said)?.[0];
    if (url === undefined) throw new Error('the process is not being inspected');
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    return new Inspector(socket);
  }

  /** Bytes of JavaScript's heap that are in use, after what nobody needs any more was let go. */
  async heapUsedBytes(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    const { usedSize } = (await this.#ask('Runtime.getHeapUsage')) as { usedSize: number };
    return usedSize;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string): Promise<unknown> {
    this.#ids += 1;
    const id = this.#ids;
    const answered = new Promise(resolve => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method }));
    return answered;
  }
}
