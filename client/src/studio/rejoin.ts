import type { ErrorBody } from '../protocol.ts';

/**
 * When to join, rebuild media, restart ICE or give up: the whole of it, without a clock or a socket.
 * `step` takes what happened and answers the new state and what is to be done about it.
 *
 * - connecting: the socket is down; it comes back by itself. Media may still flow.
 * - waiting: the server said that somebody has to admit this person, and will say when they have
 * - joining: `join` was sent, or waits to be sent again.
 * - building: transports, producers and consumers are being made anew.
 * - live: all is well, or ICE is being restarted.
 * - ended: left, dismissed by the server, or refused for good. Final.
 */
export type Phase = 'connecting' | 'waiting' | 'joining' | 'building' | 'live' | 'ended';

export interface Ending {
  kind: 'left' | 'dismissed' | 'refused';
  code: string;
  message: string;
}

export interface RejoinState {
  phase: Phase;
  /** Grows with every join; an answer to an older one is stale and is ignored. */
  attempt: number;
  /** Failures in a row, for the back-off. */
  failures: number;
  /** Whether transports exist that may outlive this join. */
  hasMedia: boolean;
  /** ICE was restarted and has not recovered yet. */
  troubled: boolean;
  ending: Ending | null;
}

export type Input =
  | { type: 'socketUp' }
  | { type: 'socketDown' }
  | { type: 'socketRefused'; error: ErrorBody }
  | { type: 'joined'; attempt: number; resumed: boolean }
  | { type: 'mustWait'; attempt: number }
  | { type: 'admitted' }
  | { type: 'built'; attempt: number }
  | { type: 'failed'; attempt: number; error: ErrorBody }
  | { type: 'retryDue'; attempt: number }
  | { type: 'mediaLost' }
  | { type: 'transportsTroubled' }
  | { type: 'transportsHealthy' }
  | { type: 'troubleLasted'; attempt: number }
  | { type: 'dismissed'; code: string; message: string }
  | { type: 'leave' };

export type Effect =
  | { do: 'join'; attempt: number; keepMedia: boolean }
  | { do: 'build'; attempt: number }
  | { do: 'restartIce'; attempt: number }
  | { do: 'retryLater'; attempt: number; waitMs: number }
  | { do: 'reconnectLater'; waitMs: number }
  | { do: 'watchTrouble'; attempt: number; waitMs: number }
  | { do: 'close'; tellServer: boolean };

export interface Step {
  state: RejoinState;
  effects: Effect[];
}

/** How long a restarted ICE may take before everything is made anew. */
export const TROUBLE_PATIENCE_MS = 5_000;

export const initialRejoin: RejoinState = {
  phase: 'connecting',
  attempt: 0,
  failures: 0,
  hasMedia: false,
  troubled: false,
  ending: null,
};

export const backOffMs = (failures: number): number => Math.min(500 * 2 ** failures, 8_000);

/** Not to be retried as it was, and yet a new join mends it: the server forgot this connection's join or media. */
const mendedByJoining = new Set(['join_first', 'not_found']);
const isFinal = (error: ErrorBody) => !error.retryable && !mendedByJoining.has(error.code);

const stay = (state: RejoinState): Step => ({ state, effects: [] });

function end(state: RejoinState, ending: Ending): Step {
  return {
    state: { ...state, phase: 'ended', ending, attempt: state.attempt + 1, hasMedia: false },
    effects: [{ do: 'close', tellServer: ending.kind === 'left' }],
  };
}

function join(state: RejoinState, hasMedia: boolean): Step {
  const attempt = state.attempt + 1;
  return {
    state: { ...state, phase: 'joining', attempt, hasMedia, troubled: false },
    effects: [{ do: 'join', attempt, keepMedia: hasMedia }],
  };
}

/** A failure of `join` or of building keeps no media: what was half made is not worth resuming. */
function retry(state: RejoinState): Step {
  const attempt = state.attempt + 1;
  return {
    state: {
      ...state,
      phase: 'joining',
      attempt,
      hasMedia: false,
      failures: state.failures + 1,
      troubled: false,
    },
    effects: [{ do: 'retryLater', attempt, waitMs: backOffMs(state.failures) }],
  };
}

function restartIce(state: RejoinState): Step {
  const { attempt } = state;
  return {
    state: { ...state, troubled: true },
    effects: [
      { do: 'restartIce', attempt },
      { do: 'watchTrouble', attempt, waitMs: TROUBLE_PATIENCE_MS },
    ],
  };
}

export function step(state: RejoinState, input: Input): Step {
  if (state.phase === 'ended') return stay(state);
  const isStale = 'attempt' in input && input.attempt !== state.attempt;
  if (isStale) return stay(state);
  switch (input.type) {
    case 'socketUp':
      return join(state, state.hasMedia);
    case 'socketDown':
      return stay({ ...state, phase: 'connecting', attempt: state.attempt + 1, troubled: false });
    case 'socketRefused':
      if (isFinal(input.error)) return end(state, { kind: 'refused', ...input.error });
      return {
        state: { ...state, phase: 'connecting', failures: state.failures + 1 },
        effects: [{ do: 'reconnectLater', waitMs: backOffMs(state.failures) }],
      };
    case 'joined':
      if (input.resumed) return restartIce({ ...state, phase: 'live', failures: 0 });
      return {
        state: { ...state, phase: 'building', hasMedia: false },
        effects: [{ do: 'build', attempt: state.attempt }],
      };
    case 'mustWait':
      return stay({ ...state, phase: 'waiting', hasMedia: false, failures: 0 });
    case 'admitted':
      return state.phase === 'waiting' ? join(state, false) : stay(state);
    case 'built':
      return stay({ ...state, phase: 'live', hasMedia: true, failures: 0 });
    case 'failed':
      return isFinal(input.error) ? end(state, { kind: 'refused', ...input.error }) : retry(state);
    case 'retryDue':
      return join(state, state.hasMedia);
    case 'mediaLost':
      return state.phase === 'connecting' ? stay({ ...state, hasMedia: false }) : join(state, false);
    case 'transportsTroubled':
      return state.phase === 'live' && !state.troubled ? restartIce(state) : stay(state);
    case 'transportsHealthy':
      return stay({ ...state, troubled: false });
    case 'troubleLasted':
      return state.phase === 'live' && state.troubled ? join(state, false) : stay(state);
    case 'dismissed':
      return end(state, { kind: 'dismissed', code: input.code, message: input.message });
    case 'leave':
      return end(state, {
        kind: 'left',
        code: 'left',
        message: 'You may close this page, or come back while the session goes on.',
      });
  }
}
