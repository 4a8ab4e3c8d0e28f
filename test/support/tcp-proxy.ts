import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a server on loopback, whose faults a test decides. */
export class TcpProxy extends EventEmitter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Looks at what the server sends before the client does; `cut` loses it and breaks the connection. */
  onAnswer: (bytes: Buffer) => 'pass' | 'cut' | 'hold' = () => 'pass';
  requests = 0;
  #isFrozen = false;

  private constructor(targetPort: number) {
    super();
    this.#server = createServer(client => {
      const upstream = connect(targetPort, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        if (this.#isFrozen) socket.pause();
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      client.on('data', bytes => {
        this.requests += 1;
        upstream.write(bytes);
      });
      upstream.on('data', bytes => {
        const fate = this.onAnswer(bytes);
        if (fate === 'pass') client.write(bytes);
        if (fate === 'cut') client.destroy();
      });
    });
  }

  /** @param url the server's; the proxy's own is `url` */
  static async open(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(Number(new URL(url).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The network is gone: nothing arrives in either direction, and no connection is broken off. */
  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** It is back, with what was on its way. */
  thaw(): void {
    this.#isFrozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}
