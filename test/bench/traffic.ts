import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MediaKind } from '@cratersync/signaling/protocol';

/** One stream that leaves the sender: half of what a tap is described by. */
export interface Outgoing {
  kind: MediaKind;
  ssrc: number;
  payloadType: number;
  /** Where it comes from, on 127.0.0.1. */
  port: number;
}

/** Where it goes to; RTCP on the same port, or on one of its own. */
export interface Target {
  ip: string;
  port: number;
  rtcpPort: number;
}

export interface Counted {
  /** RTP, all tracks together. */
  packets: number;
  /** Of them, without their RTP heads. */
  payloadBytes: number;
  /** How late a packet was at worst since the last count. More than some ms: the sender is too slow. */
  behindMs: number;
}

export type Command =
  | { do: 'open'; kinds: MediaKind[] }
  | { do: 'start'; outgoing: Outgoing[]; targets: Target[]; speed: number }
  | { do: 'count' }
  | { do: 'stop' };

/** The sending process (sender.ts). */
export class Traffic {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (result: unknown) => void>();
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
  }

  /** @param clips a file that `saveClips` wrote */
  static async launch(clips: string): Promise<Traffic> {
    const child = fork(join(import.meta.dirname, 'sender.ts'), [clips]);
    child.once('exit', code => {
      if (code !== null && code !== 0) throw new Error(`the sender ended with code ${code}`);
    });
    await once(child, 'message');
    return new Traffic(child);
  }

  async open(kinds: MediaKind[]): Promise<Outgoing[]> {
    return ((await this.#ask({ do: 'open', kinds })) as { opened: Outgoing[] }).opened;
  }

  /** @param speed how much faster than in life everything is sent */
  async start(outgoing: Outgoing[], targets: Target[], speed = 1): Promise<void> {
    await this.#ask({ do: 'start', outgoing, targets, speed });
  }

  async count(): Promise<Counted> {
    return (await this.#ask({ do: 'count' })) as Counted;
  }

  async stop(): Promise<Counted> {
    return (await this.#ask({ do: 'stop' })) as Counted;
  }

  async close(): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  #ask(command: Command): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise<unknown>(resolve => this.#answers.set(id, resolve));
    this.#child.send({ id, command });
    return answer;
  }
}

/** Half microphones, half cameras. */
export const mixed = (tracks: number): MediaKind[] =>
  Array.from({ length: tracks }, (_, index) => (index % 2 === 0 ? 'audio' : 'video'));
