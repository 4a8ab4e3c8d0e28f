// run.ts [SUITE…]: runs the test suites, each in a mocha process of its own, and adds up what they say.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

interface Suite {
  name: string;
  files: string[];
  /** It measures time or media: nothing else runs beside it. */
  alone: boolean;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const root = path.join(import.meta.dirname, '..');
const reporter = path.join(root, 'test/support/reporter.cjs');
const workspaces = ['signaling', 'sfu', 'recorder', 'client', 'db', 'infra'];
const aloneSuites = ['e2e', 'real-time', 'conformance'];
const atOnce = 2;
/** The longest first, so that no short one waits behind them at the end. */
const longest = ['pages', 'recorder', 'faults', 'signaling'];
const suiteLimitMs = 25 * 60_000;

const wanted = process.argv.slice(2);
const suites = findSuites();
const unknown = wanted.filter(name => !suites.some(suite => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no suite ${unknown.join(', ')}. There are: ${suites.map(suite => suite.name).join(' ')}`,
  );
  process.exit(2);
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const chosen = suites.filter(suite => wanted.length === 0 || wanted.includes(suite.name));
const rank = ({ name }: Suite) => (longest.includes(name) ? longest.indexOf(name) : longest.length);
const queue = chosen.filter(suite => !suite.alone).toSorted((a, b) => rank(a) - rank(b));
await Promise.all(Array.from({ length: atOnce }, () => work(queue)));
await work(chosen.filter(suite => suite.alone));
console.log(line(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Unit tests stand beside the code, one suite a workspace; what crosses processes is a folder of test/. */
function findSuites(): Suite[] {
  const exclude = ['**/node_modules/**'];
  const units = workspaces.map(name => ({
    name,
    files: globSync(`${name}/**/*.test.{ts,tsx}`, { cwd: root, exclude }),
  }));
  const folders = globSync('test/*/', { cwd: root }).map(folder => ({
    name: path.basename(folder),
    files: globSync(`${folder}/*.test.ts`, { cwd: root }),
  }));
  return [...units, ...folders]
    .filter(suite => suite.files.length > 0)
    .map(suite => ({ ...suite, alone: aloneSuites.includes(suite.name) }));
}

async function work(queue: Suite[]): Promise<void> {
  for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) {
    const counts = await runSuite(suite);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
}

/** Several suites at once print what they said only if something failed; a single one may speak as it goes. */
async function runSuite(suite: Suite): Promise<Counts> {
  const startMs = performance.now();
  const mocha = spawn('mocha', ['--reporter', reporter, ...suite.files.toSorted()], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: suiteLimitMs,
    killSignal: 'SIGKILL',
  });
  const { stdout, stderr } = mocha;
  const report = mocha.stdio[3];
  if (stdout === null || stderr === null || !(report instanceof Readable)) throw new Error('no pipes');
  const said: Buffer[] = [];
  for (const stream of [stdout, stderr]) {
    stream.on('data', (part: Buffer) => {
      if (wanted.length === 1) process.stdout.write(part);
      else said.push(part);
    });
  }
  const [counts, [code, signal]] = await Promise.all([text(report), once(mocha, 'exit')]);
  const result = judge(counts, code);
  if (result.failed > 0) console.log(Buffer.concat(said).toString());
  if (signal !== null) console.log(`${suite.name} did not end within ${suiteLimitMs / 60_000} minutes`);
  const tookS = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${suite.name.padEnd(10)} ${line(result)}  (${tookS} s)`);
  return result;
}

/** A suite that broke, or failed outside its tests, counts as one more failed test. */
function judge(counts: string, code: number | null): Counts {
  if (counts === '') return { passed: 0, failed: 1, skipped: 0 };
  const result: Counts = JSON.parse(counts);
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

function line({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
