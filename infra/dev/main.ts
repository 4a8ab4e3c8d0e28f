// `make start`: CraterSync on this machine, until Ctrl-C. LOG_FORMAT=json forwards the processes' own log lines.
import { ConfigError } from '@cratersync/infra/runtime';
import { isForTerminal, isWorthShowing, prefixed, readableLine } from './log-lines.ts';
import { EndedEarly } from './managed-process.ts';
import { type Stack, startStack } from './stack.ts';
import { StartError } from './start-error.ts';

const json = process.env['LOG_FORMAT'] === 'json';
const starting = new AbortController();
let stack: Stack | undefined;
let interrupts = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void interrupted());
// The reader of our output may go away before we do; that is no reason to leave a recording unfinished.
process.stdout.on('error', () => {});

try {
  stack = await startStack({
    signal: starting.signal,
    onLine: show,
    onNote: (name, note) => say(name, note),
    onStep: (what, tookMs) => say('launcher', `${what} ready in ${(tookMs / 1000).toFixed(1)} s`),
  });
  if (stack.inboxUrl !== undefined) say('launcher', `the mail inbox is at ${stack.url}/dev/inbox`);
  if (!starting.signal.aborted) console.log(`CraterSync is ready at ${stack.url}`);
} catch (error) {
  if (starting.signal.aborted) process.exit(0);
  if (!(error instanceof StartError || error instanceof ConfigError)) throw error;
  // What a process of ours said before it ended has been shown already.
  const message =
    error.cause instanceof EndedEarly ? `${error.cause.message}; the reason stands above.` : error.message;
  console.error(`\n${message}`);
  process.exit(1);
}

/** The first time everything ends in order; who asks twice does not want to wait for that. */
async function interrupted(): Promise<void> {
  interrupts += 1;
  if (interrupts > 1) {
    say('launcher', 'killing everything');
    stack?.killAll();
    process.exit(130);
  }
  say('launcher', 'stopping; once more to stop at once');
  starting.abort();
  if (stack === undefined) return;
  const startMs = performance.now();
  await stack.stop();
  say('launcher', `everything has stopped, in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  process.exit(0);
}

function show(name: string, line: string): void {
  if (name === 'postgres') {
    if (isWorthShowing(line)) say(name, line);
  } else if (json) {
    console.log(line);
  } else if (isForTerminal(line)) {
    console.log(readableLine(name, line));
  }
}

function say(name: string, text: string): void {
  const now = new Date();
  console.log(
    json ? JSON.stringify({ level: 30, time: now.getTime(), name, msg: text }) : prefixed(now, name, text),
  );
}
