import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from './random.ts';

/** What the network does to packets on their way from the sender to the receiver, and to what comes back. */
export interface Weather {
  /** Fractions of the packets. Loss befalls both directions. */
  loss: number;
  duplicated: number;
  /** These are held up by up to `jitterMs`, so that others overtake them. */
  reordered: number;
  /** The queue that all packets wait in grows and shrinks between nothing and this, in the order in which they came. */
  jitterMs: number;
  /** Nothing passes. */
  cut: boolean;
}

export const fairWeather: Weather = { loss: 0, duplicated: 0, reordered: 0, jitterMs: 0, cut: false };

/** A stretch of bad network between a tap's sender and the recorder. What it does is given by its seed. */
export class UdpRelay {
  weather: Weather = fairWeather;
  /** Sees what the sender sends, as anybody on the way could. */
  onPacket: (packet: Buffer) => void = () => {};
  readonly #front: Socket;
  readonly #back: Socket;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #receiver = { port: 0, ip: '' };
  #sender: { port: number; address: string } | null = null;
  #queueMs = 0;
  #lastDueMs = 0;

  private constructor(front: Socket, back: Socket, seed: number) {
    this.#front = front;
    this.#back = back;
    this.#random = seededRandom(seed);
    front.on('message', (packet, from) => {
      this.#sender = from;
      this.onPacket(packet);
      this.#forward(packet);
    });
    back.on('message', packet => this.#answer(packet));
    // A receiver that is gone answers with an error.
    front.on('error', () => {});
    back.on('error', () => {});
  }

  static async open(seed: number): Promise<UdpRelay> {
    const sockets = [0, 1].map(() => createSocket({ type: 'udp4', recvBufferSize: 1 << 20 }));
    const [front, back] = sockets;
    if (front === undefined || back === undefined) throw new Error('no sockets');
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new UdpRelay(front, back, seed);
  }

  /** Where the sender sends to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** Where the receiver sees the packets come from. */
  get sourcePort(): number {
    return this.#back.address().port;
  }

  leadTo(port: number, ip: string): void {
    this.#receiver = { port, ip };
  }

  /** A packet of somebody else's making, that the receiver takes for the sender's. */
  forge(packet: Buffer): void {
    this.#back.send(packet, this.#receiver.port, this.#receiver.ip);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#front.close();
    this.#back.close();
  }

  #forward(packet: Buffer): void {
    const { loss, duplicated, reordered, jitterMs, cut } = this.weather;
    if (cut || this.#random() < loss) return;
    const copies = this.#random() < duplicated ? 2 : 1;
    this.#queueMs = Math.min(jitterMs, Math.max(0, this.#queueMs + (this.#random() - 0.5) * (jitterMs / 5)));
    const dueMs = Math.max(this.#lastDueMs, performance.now() + this.#queueMs);
    this.#lastDueMs = dueMs;
    const heldUpMs = this.#random() < reordered ? this.#random() * Math.max(20, jitterMs) : 0;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#after(dueMs + heldUpMs - performance.now(), () =>
        this.#back.send(packet, this.#receiver.port, this.#receiver.ip),
      );
    }
  }

  #answer(packet: Buffer): void {
    const sender = this.#sender;
    const { loss, cut } = this.weather;
    if (cut || sender === null || this.#random() < loss) return;
    this.#front.send(packet, sender.port, sender.address);
  }

  #after(ms: number, send: () => void): void {
    if (ms < 1) {
      send();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, ms);
    this.#timers.add(timer);
  }
}
