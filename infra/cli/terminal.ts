import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Io } from './command.ts';

const BAR_CELLS = 24;
/** Redrawing more often than that is only flicker. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

type Stream = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean };

/** The process's own streams: answers on standard output, the rest on standard error. */
export function terminalIo(process: {
  env: NodeJS.ProcessEnv;
  stdin?: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: Stream;
  stderr: Stream;
}): Io {
  const { env, stdin, stdout, stderr } = process;
  let drawnMs: number | null = null;
  const clear = () => {
    if (drawnMs !== null) stderr.write(CLEAR_LINE);
    drawnMs = null;
  };
  return {
    env,
    print: line => {
      clear();
      stdout.write(`${line}\n`);
    },
    complain: line => {
      clear();
      stderr.write(`${line}\n`);
    },
    progress: (what, done, of) => {
      if (stderr.isTTY !== true) return;
      const nowMs = performance.now();
      if (drawnMs !== null && nowMs - drawnMs < REDRAW_MS && done !== of) return;
      drawnMs = nowMs;
      const shown = of === null ? `${what} ${done}` : `${bar(done, of)} ${what} ${done} of ${of}`;
      stderr.write(`${CLEAR_LINE}${shown}`);
    },
    input: async maxBytes => {
      const kept: Buffer[] = [];
      let left = maxBytes;
      for await (const piece of stdin ?? []) {
        const bytes = Buffer.from(piece).subarray(0, left);
        if (bytes.length > 0) kept.push(bytes);
        left -= bytes.length;
      }
      return Buffer.concat(kept);
    },
    askSecretly: async question => {
      if (stdin?.isTTY !== true) return null;
      clear();
      stderr.write(question);
      // What is typed is echoed to it.
      const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() });
      const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
      try {
        return await reader.question('');
      } finally {
        reader.close();
        stderr.write('\n');
      }
    },
  };
}

function bar(done: number, of: number): string {
  const full = of > 0 ? Math.round((Math.min(done, of) / of) * BAR_CELLS) : 0;
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}]`;
}
