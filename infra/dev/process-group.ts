import { spawn } from 'node:child_process';
import { EndedEarly, ManagedProcess } from './managed-process.ts';
import { mainOf, nodeOptionsOf, type ProgramName } from './programs.ts';
import { StartError } from './start-error.ts';

/** From Ctrl-C to the end, everything included. */
export const stopLimitMs = 9_500;

/**
 * Who stops when, and how long after the beginning it is killed if it has not. The recorder is first: it
 * finalizes open recordings, for which it needs all the others.
 */
const stopOrder: { names: string[]; untilMs: number }[] = [
  { names: ['recorder'], untilMs: 7_500 },
  { names: ['worker', 'sfu'], untilMs: 8_300 },
  { names: ['signaling'], untilMs: 8_800 },
  { names: ['inbox'], untilMs: 9_000 },
  { names: ['postgres'], untilMs: stopLimitMs },
];

export interface GroupHooks {
  onLine(process: string, line: string): void;
  onNote(process: string, note: string): void;
}

/** All processes of one stack. Once it is stopped nothing can be started in it any more. */
export class ProcessGroup {
  readonly #members = new Map<string, ManagedProcess>();
  readonly #hooks: GroupHooks;
  /** Every member holds it open. */
  readonly lockFd: number;
  #stopped: Promise<void> | undefined;

  constructor(hooks: GroupHooks, lockFd: number) {
    this.#hooks = hooks;
    this.lockFd = lockFd;
  }

  /** Starts one of our programs, and resolves when it is ready. @throws StartError */
  async startProgram(name: ProgramName, env: NodeJS.ProcessEnv): Promise<void> {
    const member = new ManagedProcess({
      name,
      // In a process group of its own: a terminal's Ctrl-C is for the launcher, which then stops one after the other.
      spawn: () =>
        spawn(process.execPath, [...nodeOptionsOf(name), mainOf(name)], {
          stdio: ['ignore', 'pipe', 'pipe', 'ipc', this.lockFd],
          detached: true,
          env,
        }),
      ready: { message: 'ready' },
      stopSignal: 'SIGTERM',
      ...this.hooksOf(name),
    });
    await this.start(member);
  }

  async start(member: ManagedProcess): Promise<void> {
    if (this.#stopped !== undefined) throw new StartError('The start was broken off.');
    this.#members.set(member.name, member);
    try {
      await member.start();
    } catch (error) {
      if (!(error instanceof EndedEarly)) throw error;
      throw new StartError([`${error.message}:`, ...error.lines].join('\n  '), error);
    }
  }

  hooksOf(name: string) {
    return {
      onLine: (line: string) => this.#hooks.onLine(name, line),
      onNote: (note: string) => this.#hooks.onNote(name, note),
    };
  }

  get names(): string[] {
    return [...this.#members.keys()];
  }

  member(name: string): ManagedProcess {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`this stack has no process named ${name}`);
    return member;
  }

  /** Stops everything, in order, within `stopLimitMs`. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    const startMs = Date.now();
    for (const { names, untilMs } of stopOrder) {
      const members = names.map(name => this.#members.get(name)).filter(member => member !== undefined);
      await Promise.all(
        members.map(async member => {
          const gentle = await member.stop(Math.max(0, startMs + untilMs - Date.now()));
          if (!gentle) this.#hooks.onNote(member.name, 'did not stop in time and was killed');
        }),
      );
    }
  }

  /** Now, and without regard for open work; the write-ahead logs are there for that. */
  killAll(): void {
    for (const member of this.#members.values()) {
      member.killGroup(member.name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
    }
  }
}
