/** Nothing that a tap carries is larger: mediasoup sends at most 1500 bytes. */
export const MAX_DATAGRAM_BYTES = 2048;

export interface UdpPortOptions {
  /** IPv4. */
  ip: string;
  /** What the kernel shall hold for us while we are busy. Linux grants at most net.core.rmem_max, doubled. */
  receiveBufferBytes: number;
  /**
   * One datagram from the source.
   * @param memory holds it at its beginning, and is overwritten after the call: what is kept must be copied
   * @param bytes how long it is
   * @param clockUs when it arrived, in the receiver's clock
   */
  onPacket(memory: Buffer, bytes: number, clockUs: number): void;
}

export interface UdpSource {
  ip: string;
  port: number;
}

/** What was dropped before it became a packet. */
export interface UdpDrops {
  /** It came from somewhere else than the source. */
  foreign: number;
  /** Larger than MAX_DATAGRAM_BYTES. */
  oversized: number;
  /** The socket's receive buffer was full. */
  kernel: number;
}

/** A UDP port that hears one source only. */
export interface UdpPort {
  readonly port: number;
  /** From now on what comes from there is received, and nothing else is; null: nothing at all. */
  listenTo(source: UdpSource | null): void;
  /** Sends to the source. What cannot be sent is dropped: UDP promises no more. */
  send(packet: Uint8Array): void;
  /** @returns what was dropped since the last call */
  takeDrops(): UdpDrops;
  /** Idempotent. Where possible, what is in the receive buffer is still handed over. */
  close(): void;
}

/** Receives what arrives at all taps of a recorder. No port is read so much that the others wait. */
export interface UdpReceiver {
  /** For people: which of the two it is. */
  readonly name: string;
  /** Binds a free port. @throws the system's error */
  open(options: UdpPortOptions): Promise<UdpPort>;
  /** Hands over what has arrived, at every tick of the recorder. Node's sockets do that by themselves. */
  look(): void;
  /** Closes all ports. Idempotent. */
  close(): void;
}
