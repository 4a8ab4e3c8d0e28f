/** Where time comes from. Logic takes a Clock (or an instant) as input, so that tests can move it. */
export interface Clock {
  /** Monotonic microseconds since an arbitrary start; only differences mean something. */
  nowUs(): number;
  /** Milliseconds since 1970; may jump when the machine's clock is set. */
  wallMs(): number;
}

export const systemClock: Clock = {
  // A double counts microseconds exactly for 285 years of uptime.
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
  wallMs: () => Date.now(),
};
