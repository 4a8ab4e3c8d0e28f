import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where time comes from. Logic takes a Clock (or an instant) as input, so that tests can move it. */
export interface Clock {
  /** Monotonic microseconds since an arbitrary start; only differences mean something. */
  nowUs(): number;
  /** Milliseconds since 1970; may jump when the machine's clock is set. */
  wallMs(): number;
  /** Two processes with the same one read `nowUs` from the same start: it names the boot of the machine. */
  readonly bootId: string;
}

export const systemClock: Clock = {
  // A double counts microseconds exactly for 285 years of uptime.
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
  wallMs: () => Date.now(),
  bootId: readBootId(),
};

/** Where the system does not say, no two processes share one. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
