import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const firstWaitMs = 100;
const longestWaitMs = 10_000;
const restartLimitMs = 10_000;
/** A process that has been ready this long has recovered: the next death starts from the shortest wait again. */
const recoveredAfterMs = 30_000;

export interface ManagedProcessOptions {
  name: string;
  /** Starts it, with stdout and stderr piped. */
  spawn(): ChildProcess;
  /** What the process says when it is ready: an IPC message `{ready: true}`, or a line that contains this. */
  ready: { message: 'ready' } | { line: string };
  stopSignal: NodeJS.Signals;
  onLine(line: string): void;
  /** Something the person at the terminal should know: it died, it is back. */
  onNote(note: string): void;
}

/** A process ended before it was ready for the first time. */
export class EndedEarly extends Error {
  readonly exitCode: number | null;
  /** The last lines it wrote. */
  readonly lines: readonly string[];

  constructor(name: string, how: string, exitCode: number | null, lines: readonly string[]) {
    super(`${name} ${how} before it was ready`);
    this.name = 'EndedEarly';
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

interface Run {
  child: ChildProcess;
  /** Resolves with true when it is ready, false when it ended before. */
  ready: Promise<boolean>;
  /** Resolves with how it ended: `exited with code 1`, `was killed by SIGKILL`. */
  ended: Promise<string>;
  lastLines: string[];
}

/**
 * One process of the stack. Two modes: *supervised*, from a successful start() on, in which every death is
 * followed by a new start after a wait that doubles; and *at rest*, before start() and after stop().
 */
export class ManagedProcess {
  readonly name: string;
  readonly #options: ManagedProcessOptions;
  #run: Run | undefined;
  #rest = new AbortController();
  #supervision: Promise<void> = Promise.resolve();
  #readiness = Promise.withResolvers<void>();

  constructor(options: ManagedProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.#rest.abort();
  }

  /** Resolves when it is ready. @throws EndedEarly */
  async start(): Promise<void> {
    this.#rest = new AbortController();
    const run = this.#spawn();
    if (!(await run.ready)) {
      const how = await run.ended;
      this.#run = undefined;
      throw new EndedEarly(this.name, how, run.child.exitCode, run.lastLines);
    }
    this.#readiness.resolve();
    this.#supervision = this.#supervise(run, this.#rest.signal);
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#run?.child.pid;
  }

  /** Resolves as soon as it is ready, at once if it is now. */
  whenReady(): Promise<void> {
    return this.#readiness.promise;
  }

  /** Ends it gently, with SIGKILL for its whole process group after `limitMs`. Resolves with false if that was needed. */
  async stop(limitMs: number): Promise<boolean> {
    this.#rest.abort();
    const run = this.#run;
    let gentle = true;
    if (run !== undefined) {
      run.child.kill(this.#options.stopSignal);
      const timer = setTimeout(() => {
        gentle = false;
        this.killGroup('SIGKILL');
      }, limitMs);
      await run.ended;
      clearTimeout(timer);
      // Itself it has ended; what it has started may not have.
      this.killGroup('SIGKILL', run);
    }
    await this.#supervision;
    return gentle;
  }

  /** Ends it gently, and resolves when it is ready again. */
  async restart(): Promise<void> {
    await this.stop(restartLimitMs);
    this.#readiness = Promise.withResolvers<void>();
    await this.start();
  }

  /** Sends a signal to the process alone; for a deadly one, resolves when it has ended. It is started again. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    run.child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await run.ended;
  }

  /** Also reaches what the process has started itself. */
  killGroup(signal: NodeJS.Signals, run = this.#run): void {
    const pid = run?.child.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It ended a moment ago.
    }
  }

  #spawn(): Run {
    const child = this.#options.spawn();
    const ended = howEnded(child);
    const run: Run = { child, ended, ready: Promise.resolve(false), lastLines: [] };
    run.ready = Promise.race([this.#isReady(run), ended.then(() => false)]);
    this.#run = run;
    return run;
  }

  /** Reads all that the process says, and resolves when it says that it is ready. */
  #isReady(run: Run): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { ready } = this.#options;
    for (const stream of [run.child.stdout, run.child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', line => {
        run.lastLines.push(line);
        if (run.lastLines.length > 20) run.lastLines.shift();
        this.#options.onLine(line);
        if ('line' in ready && line.includes(ready.line)) resolve(true);
      });
    }
    if ('message' in ready) {
      run.child.on('message', message => {
        if (typeof message === 'object' && message !== null && 'ready' in message) resolve(true);
      });
    }
    return promise;
  }

  async #supervise(firstRun: Run, rest: AbortSignal): Promise<void> {
    let run = firstRun;
    let waitMs = firstWaitMs;
    let readySinceMs = Date.now();
    for (;;) {
      const how = await run.ended;
      this.#run = undefined;
      this.#readiness = Promise.withResolvers<void>();
      if (rest.aborted) return;
      if (readySinceMs > 0 && Date.now() - readySinceMs > recoveredAfterMs) waitMs = firstWaitMs;
      this.#options.onNote(`${how}; starting it again in ${waitMs / 1000} s`);
      await delay(waitMs, undefined, { signal: rest }).catch(() => undefined);
      if (rest.aborted) return;
      waitMs = Math.min(waitMs * 2, longestWaitMs);
      run = this.#spawn();
      readySinceMs = 0;
      if (await run.ready) {
        readySinceMs = Date.now();
        this.#options.onNote('is back');
        this.#readiness.resolve();
      }
    }
  }
}

/** Waits for the output too, so that the last words of a process are never lost. */
async function howEnded(child: ChildProcess): Promise<string> {
  const streams = [child.stdout, child.stderr].filter(stream => stream !== null);
  const closed = Promise.all(streams.map(stream => once(stream, 'close')));
  const how = await new Promise<string>(resolve => {
    child.once('error', error => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`),
    );
  });
  // A grandchild may hold the pipes open for longer than we want to wait.
  await Promise.race([closed, delay(500, undefined, { ref: false })]);
  return how;
}
