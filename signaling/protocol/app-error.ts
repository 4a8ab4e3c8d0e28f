import { z } from 'zod';

/**
 * Who has to act on an error: the caller (change the request), us (look at the logs), or somebody we
 * depend on (wait; the store, the database or a media node is away).
 */
export type Blame = 'caller' | 'us' | 'upstream';

/** An error as it travels: in an HTTP body and in a socket acknowledgement. */
export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  blame: z.enum(['caller', 'us', 'upstream']),
});
export type ErrorBody = z.output<typeof errorBody>;

/** An error as HTTP tells it: application/problem+json (RFC 9457). */
export const problem = z.object({
  /** Names the kind of error, and leads to a page about it. */
  type: z.string(),
  title: z.string(),
  status: z.number(),
  /** What happened this time, in words that can be shown. */
  detail: z.string(),
  /** For programs: stays the same in all versions. */
  code: z.string(),
  /** The one in X-Request-Id, and in the server's log. */
  requestId: z.string(),
  /** The same request may succeed later. */
  retryable: z.boolean(),
  blame: z.enum(['caller', 'us', 'upstream']),
});
export type Problem = z.output<typeof problem>;

/** The one error that crosses our edges. Made only by the functions of `errors`. */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly blame: Blame;

  constructor(status: number, body: ErrorBody, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = body.code;
    this.status = status;
    this.retryable = body.retryable;
    this.blame = body.blame;
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message, retryable: this.retryable, blame: this.blame };
  }

  /** @param at the page about errors, and the request */
  toProblem(at: { page: string; requestId: string }): Problem {
    const { code, status, message: detail, retryable, blame } = this;
    const title = titleOf(code);
    return {
      ...{ type: `${at.page}#${code}`, title, status, detail, code },
      ...{ requestId: at.requestId, retryable, blame },
    };
  }
}

/** `not_signed_in` → `Not signed in` */
export const titleOf = (code: string): string =>
  code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');
