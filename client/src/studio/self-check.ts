import type { Condition } from '../protocol.ts';
import { LightMeter } from './light-meter.ts';
import type { Listening } from './listening.ts';
import { type LocalMedia, trackOf } from './local-media.ts';
import { type Connection, judge, QualityMeter, type Reports, Verdict } from './quality.ts';
import { Store } from './store.ts';

const LOOK_EVERY_MS = 3_000;

interface Around {
  local: LocalMedia;
  listening: Listening;
  /** What the browser measures of what is sent and received; null while nothing flows. */
  stats: () => Promise<{ sent: Reports; received: Reports } | null>;
  /** Tells the room. @throws when it cannot be told just now */
  report: (condition: Condition) => Promise<unknown>;
  onConnection: (connection: Connection) => void;
}

/** What the room takes for granted of whoever has not said. */
const allWell: Condition = { connection: 'good', reason: null, isClipping: false };
const textOf = ({ connection, reason, isClipping }: Condition) =>
  JSON.stringify([connection, reason, isClipping]);

export interface OwnCondition {
  connection: Connection;
  isDark: boolean;
}

/** How this person's own page is doing: looked at every few seconds, and told to the room when it changes. */
export class SelfCheck {
  readonly store = new Store<OwnCondition>({
    connection: { connection: 'good', reason: null },
    isDark: false,
  });
  readonly #around: Around;
  readonly #light = new LightMeter();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopListening: () => void;
  #meter = new QualityMeter();
  readonly #verdict = new Verdict();
  #wasDark = false;
  #told: string | null = textOf(allWell);

  constructor(around: Around) {
    this.#around = around;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#stopListening = around.listening.store.subscribe(() => this.#report());
  }

  /** Counters begin anew. @param told what the room knows: a server that was restarted has forgotten it */
  joined(told: Condition | null): void {
    this.#told = textOf(told ?? allWell);
    this.#meter = new QualityMeter();
  }

  async #look(): Promise<void> {
    this.#lookAtPicture();
    const stats = await this.#around.stats().catch(() => null);
    if (stats === null) return;
    const connection = this.#verdict.look(judge(this.#meter.read(stats.sent, stats.received)));
    if (connection !== this.store.get().connection) {
      this.store.patch({ connection });
      this.#around.onConnection(connection);
    }
    this.#report();
  }

  /** Twice in a row: a camera that starts is dark for a moment. */
  #lookAtPicture(): void {
    this.#light.follow(trackOf(this.#around.local.store.get().camera));
    const isDark = this.#light.isDark();
    const lasts = isDark && this.#wasDark;
    this.#wasDark = isDark;
    if (lasts !== this.store.get().isDark) this.store.patch({ isDark: lasts });
  }

  #report(): void {
    const { connection, reason } = this.store.get().connection;
    const condition: Condition = {
      connection,
      reason,
      isClipping: this.#around.listening.store.get().isClipping,
    };
    const text = textOf(condition);
    if (text === this.#told) return;
    this.#told = text;
    this.#around.report(condition).catch(() => {
      // Made up for by the next look.
      this.#told = null;
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopListening();
    this.#light.follow(null);
  }
}
