import { join } from 'node:path';
import type { Clock } from '@cratersync/infra/runtime';
import { loadAddon } from '../../addon.ts';
import {
  MAX_DATAGRAM_BYTES,
  type UdpDrops,
  type UdpPort,
  type UdpPortOptions,
  type UdpReceiver,
  type UdpSource,
} from './udp-receiver.ts';

/** In step with udp-receiver.c. */
const SLOTS = 256;
const META_FIELDS = 4;
/** What a port that is closed still hands over, at 64 packets a look: more than its buffer holds of anything but a flood. */
const LAST_LOOKS = 128;

declare const handle: unique symbol;
type Handle = { [handle]: true };

/** udp-receiver.c says what they do. */
interface Addon {
  create(slab: Buffer, meta: Int32Array): Handle;
  open(receiver: Handle, ip: string, receiveBufferBytes: number): [id: number, port: number];
  listenTo(receiver: Handle, id: number, ip: string, port: number): void;
  send(receiver: Handle, id: number, packet: Uint8Array): void;
  drops(receiver: Handle, id: number): [foreign: number, oversized: number, kernel: number];
  look(receiver: Handle, id: number): void;
  read(receiver: Handle): number;
  close(receiver: Handle, id: number): void;
}

/**
 * Many packets a system call, by the addon udp-receiver.c. Linux only. The seldomer it looks, the more packets each call
 * takes; the kernel has stamped them with their arrival, so that costs no accuracy. docs/recorder.md has measurements.
 */
export class NativeUdpReceiver implements UdpReceiver {
  readonly name = 'native';
  readonly #addon: Addon;
  readonly #clock: Clock;
  readonly #slab = Buffer.alloc(SLOTS * MAX_DATAGRAM_BYTES);
  /** Its slots. Made once: a view of its own for every packet would cost more than all that is looked up in it. */
  readonly #slots = Array.from({ length: SLOTS }, (_, slot) =>
    this.#slab.subarray(slot * MAX_DATAGRAM_BYTES, (slot + 1) * MAX_DATAGRAM_BYTES),
  );
  /** Per packet: port id, slot, length, age in µs. */
  readonly #meta = new Int32Array(SLOTS * META_FIELDS);
  readonly #handle: Handle;
  readonly #ports = new Map<number, NativeUdpPort>();
  #reading = false;

  /** @throws as loadAddon does */
  constructor(clock: Clock) {
    this.#addon = loadAddon<Addon>(join(import.meta.dirname, 'udp-receiver.c'));
    this.#clock = clock;
    this.#handle = this.#addon.create(this.#slab, this.#meta);
  }

  async open(options: UdpPortOptions): Promise<UdpPort> {
    const [id, number] = this.#addon.open(this.#handle, options.ip, options.receiveBufferBytes);
    const port = new NativeUdpPort(options, number, {
      listenTo: source => {
        // What has arrived so far came under the terms of before.
        this.#look(id);
        this.#addon.listenTo(this.#handle, id, source?.ip ?? '0.0.0.0', source?.port ?? 0);
      },
      send: packet => this.#addon.send(this.#handle, id, packet),
      drops: () => this.#addon.drops(this.#handle, id),
      close: () => this.#closePort(id),
    });
    this.#ports.set(id, port);
    return port;
  }

  look(): void {
    this.#look(-1);
  }

  close(): void {
    for (const port of this.#ports.values()) port.close();
  }

  /** @param id of one port; -1: all. @returns false when there was nothing */
  #look(id: number): boolean {
    // Asked for by whoever takes a packet: the slab is in use.
    if (this.#reading) return false;
    this.#reading = true;
    let found = false;
    try {
      this.#addon.look(this.#handle, id);
      for (let count = 0; ; found = true) {
        count = this.#addon.read(this.#handle);
        if (count < 0) return found;
        this.#handOver(count);
      }
    } finally {
      this.#reading = false;
    }
  }

  #handOver(count: number): void {
    const meta = this.#meta;
    const nowUs = this.#clock.nowUs();
    for (let entry = 0; entry < count * META_FIELDS; entry += META_FIELDS) {
      const slot = this.#slots[meta[entry + 1] ?? -1];
      if (slot === undefined) continue;
      const port = this.#ports.get(meta[entry] ?? -1);
      port?.take(slot, meta[entry + 2] ?? 0, nowUs - (meta[entry + 3] ?? 0));
    }
  }

  #closePort(id: number): ReturnType<Addon['drops']> {
    for (let looks = 0; looks < LAST_LOOKS && this.#look(id); ) looks += 1;
    const drops = this.#addon.drops(this.#handle, id);
    this.#addon.close(this.#handle, id);
    this.#ports.delete(id);
    return drops;
  }
}

interface PortCalls {
  listenTo(source: UdpSource | null): void;
  send(packet: Uint8Array): void;
  drops(): [foreign: number, oversized: number, kernel: number];
  close(): [foreign: number, oversized: number, kernel: number];
}

class NativeUdpPort implements UdpPort {
  readonly port: number;
  readonly #options: UdpPortOptions;
  readonly #calls: PortCalls;
  #lastUs = 0;
  #dropsBefore: UdpDrops = { foreign: 0, oversized: 0, kernel: 0 };
  /** Once it is closed: all there ever were. */
  #finalDrops: ReturnType<PortCalls['drops']> | null = null;

  constructor(options: UdpPortOptions, port: number, calls: PortCalls) {
    this.#options = options;
    this.port = port;
    this.#calls = calls;
  }

  take(memory: Buffer, bytes: number, clockUs: number): void {
    // The kernel's stamp and our clock are not read at the same instant: no packet comes before the one before it.
    if (clockUs > this.#lastUs) this.#lastUs = clockUs;
    this.#options.onPacket(memory, bytes, this.#lastUs);
  }

  listenTo(source: UdpSource | null): void {
    if (this.#finalDrops === null) this.#calls.listenTo(source);
  }

  send(packet: Uint8Array): void {
    if (this.#finalDrops === null) this.#calls.send(packet);
  }

  takeDrops(): UdpDrops {
    const [foreign, oversized, kernel] = this.#finalDrops ?? this.#calls.drops();
    const before = this.#dropsBefore;
    this.#dropsBefore = { foreign, oversized, kernel };
    return {
      foreign: foreign - before.foreign,
      oversized: oversized - before.oversized,
      kernel: kernel - before.kernel,
    };
  }

  close(): void {
    if (this.#finalDrops !== null) return;
    this.#finalDrops = this.#calls.close();
  }
}
