/** What a command may touch of the process around it. */
export interface Io {
  env: NodeJS.ProcessEnv;
  /** A line on standard output: what was asked for. */
  print(line: string): void;
  /** A line on standard error: what went wrong. */
  complain(line: string): void;
}

/** One command of `npx cratersync`; a module of this folder exports these four. */
export interface Command {
  name: string;
  /** One line, for the list. */
  summary: string;
  /** How it is called and what its options mean, for `cratersync NAME --help`. */
  usage: string;
  /**
   * Parses its arguments with node:util's parseArgs and does its work.
   * @returns the exit code: 0, or 1 if what was looked at is not as it should be
   */
  run(args: string[], io: Io): Promise<number>;
}

/** The arguments do not make sense; the message says which, the usage is shown with it. */
export class UsageError extends Error {}
