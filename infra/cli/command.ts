/** What a command may touch of the process around it. */
export interface Io {
  env: NodeJS.ProcessEnv;
  /** A line on standard output: what was asked for. */
  print(line: string): void;
  /** A line on standard error: what went wrong. */
  complain(line: string): void;
  /**
   * How far something long has come, on a terminal; without one, nothing. Whatever is said next takes its place.
   * @param of null when nobody knows
   */
  progress(what: string, done: number, of: number | null): void;
  /** What is piped in: its first bytes, so many at most. The rest is read, and let go. */
  input(maxBytes: number): Promise<Buffer>;
  /** Asks for something that is not to be seen. @returns null where nobody sits at a terminal */
  askSecretly(question: string): Promise<string | null>;
}

/** What a script may rely on; every command's usage says them too. */
export const exitCodes = {
  /** What was asked for was done; what was looked at is as it should be. */
  holds: 0,
  /** It is not. */
  doesNotHold: 1,
  /** The arguments or the environment make no sense. */
  usage: 2,
  /** Nothing is known: the store, the key or the database is out of reach. */
  unknown: 3,
} as const;

/** One command of `npx cratersync`; a module of this folder exports these four. */
export interface Command {
  name: string;
  /** One line, for the list. */
  summary: string;
  /** How it is called and what its options mean, for `cratersync NAME --help`. */
  usage: string;
  /**
   * Parses its arguments with node:util's parseArgs and does its work.
   * @returns one of `exitCodes`; what it throws gets one by its kind
   */
  run(args: string[], io: Io): Promise<number>;
}

/** The arguments do not make sense; the message says which, the usage is shown with it. */
export class UsageError extends Error {}
