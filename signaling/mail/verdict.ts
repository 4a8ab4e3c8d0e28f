/** Mail addresses, which servers repeat in what they answer. */
const ADDRESS = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;
const CONTROL = /[\p{Cc}\p{Cf}\s]+/gu;
const MAX_WORDS = 300;

/**
 * What became of a message that was not taken: its address takes nothing, for good (`bounced`); nobody will ever take this
 * message (`refused`); so much mail is too much (`throttled`); the server did not answer, does not let us in, or says to
 * try again (`unreached`).
 */
export type Verdict = 'bounced' | 'refused' | 'throttled' | 'unreached';

/** What nodemailer hangs on its errors. */
interface Answered {
  /** In reply to which command. */
  command: string;
  code: number;
  /** The code of RFC 3463, if it gives one: "5.1.1". */
  status: string | null;
  words: string;
}

function answerOf(error: unknown): Answered | null {
  if (!(error instanceof Error) || !('responseCode' in error)) return null;
  const words = 'response' in error ? String(error.response) : error.message;
  const command = 'command' in error ? String(error.command) : '';
  const status = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(words)?.[1] ?? null;
  return { command, code: Number(error.responseCode), status, words };
}

/** What was said to the message or to where it goes; not to who we are. */
const ABOUT_MAIL = /^(MAIL FROM|RCPT TO|DATA)$/;
/** RFC 4954: we are to say who we are, or are not believed. A setting is wrong, and no letter. */
const NOT_LET_IN = [530, 534, 535, 538];
/** RFC 5321: no such mailbox, or it is elsewhere. */
const NO_MAILBOX = [550, 551, 553];
const TOO_MUCH = /too (many|much|fast|quick)|\brate\b|throttl|slow down|exceed|limit/i;
/** Greylisting, or a mailbox that has enough (4.2.…), asks for patience with one letter, not with all. */
const ABOUT_ONE = /gr[ae]y-?list|mailbox|quota|storage|^\d{3}[ -]4\.[12]\./i;

export function verdictOn(error: unknown): Verdict {
  const answer = answerOf(error);
  if (answer === null) return 'unreached';
  const { command, code, status, words } = answer;
  if (code >= 500) {
    if (!ABOUT_MAIL.test(command) || NOT_LET_IN.includes(code)) return 'unreached';
    const isGone =
      status === null ? command === 'RCPT TO' && NO_MAILBOX.includes(code) : isAboutAddress(status);
    return isGone ? 'bounced' : 'refused';
  }
  const isThrottled =
    code === 421 || (code >= 450 && code <= 452 && TOO_MUCH.test(words) && !ABOUT_ONE.test(words));
  return isThrottled ? 'throttled' : 'unreached';
}

/**
 * A status (RFC 3463) that tells that nothing arrives at an address: it, or its domain, is not there. A full mailbox, a letter
 * that is taken for spam, and an address of ours that is not liked are something else.
 */
export const isAboutAddress = (status: string): boolean =>
  /^5\.(0\.\d+|1\.(0|1|2|3|4|6|10)|2\.1|4\.[14])$/.test(status);

/** What the server said, in a line, without addresses. */
export const wordsOf = (error: unknown): string =>
  cleaned(answerOf(error)?.words ?? (error instanceof Error ? error.message : String(error)));

/** Words of somebody else, in a line, without addresses. */
export const cleaned = (words: string): string =>
  words.replace(CONTROL, ' ').replace(ADDRESS, '[address]').trim().slice(0, MAX_WORDS);

/** An address that only whoever knows it recognizes. */
export const masked = (email: string): string =>
  email.replace(/^(.).*(@[^@]*)$/u, (_all, first: string, domain: string) => `${first}***${domain}`);
