import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from './free-port.ts';

/** Where browsers are told that the SFU is; it really is at 127.0.0.1, and the same port. */
const OUTSIDE = '127.0.0.2';
const INSIDE = '127.0.0.1';

/**
 * The way of browsers' media to an SFU on this machine, by UDP: every port of a browser gets one of its own towards the SFU, as
 * behind a router. Whose packets pass is for the test to say.
 */
export class Nat {
  /** By the browser's port. */
  readonly #mapped = new Map<number, Socket>();
  readonly #front: Socket;
  #lost: (browserPort: number) => boolean = () => false;

  private constructor(front: Socket) {
    this.#front = front;
    front.on('message', (packet, { address, port }) => {
      if (!this.#lost(port)) this.#towards(address, port).send(packet, this.port, INSIDE);
    });
    front.on('error', () => {});
  }

  static async open(): Promise<Nat> {
    const front = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    // The SFU listens at the same port, by TCP as well.
    front.bind(await freePort(), OUTSIDE);
    await once(front, 'listening');
    return new Nat(front);
  }

  get port(): number {
    return this.#front.address().port;
  }

  /** What a stack behind it is started with. */
  get settings(): Record<string, string> {
    const address = { RTC_IP: INSIDE, RTC_ANNOUNCED_ADDRESS: OUTSIDE, RTC_PORT: String(this.port) };
    return { ...address, SFU_WORKERS: '1' };
  }

  /** Those of browsers that have sent something by now. */
  ports(): Set<number> {
    return new Set(this.#mapped.keys());
  }

  /** From now on nothing passes from or to the ports for which it is true. */
  lose(isLost: (browserPort: number) => boolean): void {
    this.#lost = isLost;
  }

  /** To the SFU everybody comes from another port now, as when a phone goes from Wi-Fi to its carrier. */
  remap(): void {
    for (const socket of this.#mapped.values()) socket.close();
    this.#mapped.clear();
  }

  close(): void {
    this.remap();
    this.#front.close();
  }

  #towards(address: string, browserPort: number): Socket {
    const known = this.#mapped.get(browserPort);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.on('message', packet => {
      if (!this.#lost(browserPort)) this.#front.send(packet, browserPort, address);
    });
    // An SFU that is gone answers with an error.
    socket.on('error', () => {});
    this.#mapped.set(browserPort, socket);
    return socket;
  }
}
