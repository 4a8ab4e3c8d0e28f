import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** ffmpeg is missing, was killed, or refused its input. Running the job again may help. */
export class FfmpegError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'FfmpegError';
  }
}

export interface FfmpegInput {
  /** What stands before `-i`: format, rate, decoder. */
  options: string[];
  bytes: AsyncIterable<Uint8Array>;
}

const QUIET = ['-hide_banner', '-nostdin', '-threads', '1'];
/** No versions, dates or random ids: the same input gives the same bytes. */
const REPRODUCIBLE = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact', '-threads', '1'];
/** Inputs are the child's file descriptors from here on; 0 is not used, so that ffmpeg never waits for a keyboard. */
const FIRST_INPUT_FD = 3;
const MAX_LOG_CHARACTERS = 64 * 1024;

/** Runs ffmpeg from one stream of bytes to a stream of bytes. */
export const transcode = (
  input: AsyncIterable<Uint8Array>,
  inputOptions: string[],
  outputOptions: string[],
): AsyncGenerator<Buffer> => runFfmpeg([{ options: inputOptions, bytes: input }], outputOptions);

/**
 * Runs ffmpeg from streams of bytes to a stream of bytes; nothing touches a disk. It starts when the first output is
 * asked for, and is killed when the reader stops early. Errors of the inputs are thrown as they are.
 *
 * @param onLog is told what ffmpeg wrote on its log, when it has ended well; for filters that report there
 * @throws FfmpegError
 */
export async function* runFfmpeg(
  inputs: FfmpegInput[],
  outputOptions: string[],
  onLog?: (log: string) => void,
): AsyncGenerator<Buffer> {
  const args = [
    ...QUIET,
    ...['-loglevel', onLog === undefined ? 'error' : 'info', '-nostats'],
    ...inputs.flatMap(({ options }, index) => [...options, '-i', `pipe:${FIRST_INPUT_FD + index}`]),
    ...REPRODUCIBLE,
    ...outputOptions,
    'pipe:1',
  ];
  const child = spawn('ffmpeg', args, {
    stdio: ['ignore', 'pipe', 'pipe', ...inputs.map(() => 'pipe' as const)],
  });
  // A pipe to a child that was killed may still report that it broke.
  for (const pipe of child.stdio) pipe?.on('error', () => undefined);
  let log = '';
  child.stderr?.on('data', (part: Buffer) => {
    log = (log + part.toString()).slice(-MAX_LOG_CHARACTERS);
  });
  const ended = endOf(child, () => log);
  ended.catch(() => undefined);
  const broken: unknown[] = [];
  const sources = inputs.map(input =>
    watched(input, error => {
      broken.push(error);
      child.kill('SIGKILL');
    }),
  );
  for (const [index, source] of sources.entries()) {
    pipeline(source, child.stdio[FIRST_INPUT_FD + index] as Writable).catch(() => undefined);
  }
  const { stdout } = child;
  if (stdout === null) throw new Error('ffmpeg has no output');
  try {
    for await (const part of stdout as AsyncIterable<Buffer>) yield part;
    await ended.catch(error => {
      // A broken input explains best why ffmpeg ended.
      throw broken.length > 0 ? broken[0] : error;
    });
    onLog?.(log);
  } finally {
    for (const source of sources) source.destroy();
    child.kill('SIGKILL');
  }
}

/** Remembers what went wrong in an input itself, as against in the pipe: ffmpeg may stop reading when it has enough. */
function watched({ bytes }: FfmpegInput, onBroken: (error: unknown) => void): Readable {
  const parts = bytes[Symbol.asyncIterator]();
  const next = async () => {
    try {
      return await parts.next();
    } catch (error) {
      onBroken(error);
      throw error;
    }
  };
  const iterable: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => (await parts.return?.()) ?? { done: true, value: undefined },
    }),
  };
  return Readable.from(iterable, { objectMode: false });
}

function endOf(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', error => {
      const missing = 'code' in error && error.code === 'ENOENT';
      const said = missing ? 'ffmpeg is not installed on this machine' : `ffmpeg failed: ${error.message}`;
      reject(new FfmpegError(said, error));
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      if (signal !== null) {
        return reject(new FfmpegError('ffmpeg was killed, perhaps for lack of memory', signal));
      }
      const lastLine = log().trim().split('\n').at(-1) ?? '';
      reject(
        new FfmpegError(`ffmpeg failed: ${lastLine === '' ? `it ended with ${code}` : lastLine}`, log()),
      );
    });
  });
}
