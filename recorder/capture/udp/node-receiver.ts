import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Clock } from '@cratersync/infra/runtime';
import {
  MAX_DATAGRAM_BYTES,
  type UdpDrops,
  type UdpPort,
  type UdpPortOptions,
  type UdpReceiver,
  type UdpSource,
} from './udp-receiver.ts';

/** Node's own sockets: they work everywhere, and cost about five times as much as the native receiver. */
export class NodeUdpReceiver implements UdpReceiver {
  readonly name = 'node';
  readonly #clock: Clock;
  readonly #ports = new Set<NodeUdpPort>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open(options: UdpPortOptions): Promise<UdpPort> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: options.receiveBufferBytes });
    socket.bind(0, options.ip);
    await once(socket, 'listening');
    const port = new NodeUdpPort(socket, options, this.#clock);
    this.#ports.add(port);
    socket.once('close', () => this.#ports.delete(port));
    return port;
  }

  look(): void {}

  close(): void {
    for (const port of this.#ports) port.close();
  }
}

class NodeUdpPort implements UdpPort {
  readonly port: number;
  readonly #socket: Socket;
  readonly #options: UdpPortOptions;
  readonly #clock: Clock;
  #source: UdpSource | null = null;
  #drops: UdpDrops = { foreign: 0, oversized: 0, kernel: 0 };
  #kernelBefore = 0;
  #closed = false;

  constructor(socket: Socket, options: UdpPortOptions, clock: Clock) {
    this.port = socket.address().port;
    this.#socket = socket;
    this.#options = options;
    this.#clock = clock;
    socket.on('message', (message, remote) => this.#receive(message, remote));
    // Sending to a port that is gone comes back as an error here. The far end's death is told by signaling.
    socket.on('error', () => {});
  }

  listenTo(source: UdpSource | null): void {
    this.#source = source;
  }

  send(packet: Uint8Array): void {
    if (this.#source === null || this.#closed) return;
    this.#socket.send(packet, this.#source.port, this.#source.ip, () => {});
  }

  takeDrops(): UdpDrops {
    const drops = this.#drops;
    const kernel = this.#closed ? this.#kernelBefore : kernelDrops(this.#options.ip, this.port);
    drops.kernel = kernel - this.#kernelBefore;
    this.#kernelBefore = kernel;
    this.#drops = { foreign: 0, oversized: 0, kernel: 0 };
    return drops;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #receive(message: Buffer, remote: RemoteInfo): void {
    const source = this.#source;
    if (source === null || remote.port !== source.port || remote.address !== source.ip) {
      this.#drops.foreign += 1;
    } else if (message.length > MAX_DATAGRAM_BYTES) this.#drops.oversized += 1;
    else this.#options.onPacket(message, message.length, this.#clock.nowUs());
  }
}

/** The last column of the socket's line in /proc/net/udp (proc(5)); 0 where there is no such file. */
function kernelDrops(ip: string, port: number): number {
  const address = ip.split('.').reverse().map(hexByte).join('');
  const local = `${address}:${hexByte(port >> 8)}${hexByte(port & 0xff)}`;
  const line = readSockets()
    .split('\n')
    .find(each => each.trimStart().split(/\s+/, 2)[1] === local);
  return Number(line?.trimEnd().split(/\s+/).at(-1) ?? 0);
}

const hexByte = (value: number | string) => Number(value).toString(16).toUpperCase().padStart(2, '0');

function readSockets(): string {
  try {
    return readFileSync('/proc/net/udp', 'latin1');
  } catch {
    return '';
  }
}
