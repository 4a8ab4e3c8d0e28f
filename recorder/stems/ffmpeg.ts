import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import ffmpeg from 'fluent-ffmpeg';

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

const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-threads', '1'];
/** No versions, dates or random ids: the same input gives the same bytes. */
const REPRODUCIBLE = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact', '-threads', '1'];
const OPEN_AGAIN_MS = 5;
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
  const command = ffmpeg();
  const broken: unknown[] = [];
  const feed = await Feed.open(inputs, error => {
    broken.push(error);
    command.kill('SIGKILL');
  });
  const global = [...QUIET, '-loglevel', onLog === undefined ? 'error' : 'info'];
  for (const [index, { options }] of inputs.entries()) {
    // More than one argument: of a single one fluent-ffmpeg would split what has a space in it.
    command.input(feed.path(index)).inputOptions(...(index === 0 ? global : []), ...options);
  }
  command.outputOptions(...REPRODUCIBLE, ...outputOptions);
  // fluent-ffmpeg takes a `close` of its output for a reader that has gone, and kills ffmpeg 20 ms later, even when
  // all has been read: without the event, it waits for ffmpeg's own end.
  const output = new PassThrough({ emitClose: false });
  let log = '';
  let finished = false;
  const ended = new Promise<void>((resolve, reject) => {
    command.on('stderr', (line: string) => {
      log = `${log}${line}\n`.slice(-MAX_LOG_CHARACTERS);
    });
    command.on('end', () => resolve());
    // A broken input explains best why ffmpeg ended.
    command.on('error', (error: Error) => reject(broken.length > 0 ? broken[0] : explained(error)));
    command.on('start', () => {
      if (finished) command.kill('SIGKILL');
    });
  });
  ended.catch((error: Error) => output.destroy(error));
  command.pipe(output);
  try {
    for await (const part of output as AsyncIterable<Buffer>) yield part;
    await ended;
    onLog?.(log);
  } finally {
    finished = true;
    command.kill('SIGKILL');
    await feed.close();
  }
}

/** Streams for ffmpeg to read: named pipes in a folder of this user's own, as its standard input is only one. */
class Feed {
  readonly #folder: string;
  readonly #paths: string[];
  readonly #sources: Readable[] = [];
  #closed = false;

  private constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
  }

  /** @param onBroken an input itself went wrong, as against the way to ffmpeg, which may stop reading when it has enough */
  static async open(inputs: readonly FfmpegInput[], onBroken: (error: unknown) => void): Promise<Feed> {
    const feed = new Feed(await mkdtemp(join(tmpdir(), 'cratersync-ffmpeg-')), inputs.length);
    try {
      await promisify(execFile)('mkfifo', ['-m', '600', ...feed.#paths]);
    } catch (error) {
      await feed.close();
      throw error;
    }
    for (const [index, { bytes }] of inputs.entries()) {
      const source = Readable.from(watched(bytes, onBroken), { objectMode: false });
      feed.#sources.push(source);
      feed.#fill(feed.path(index), source).catch(() => source.destroy());
    }
    return feed;
  }

  path(index: number): string {
    const path = this.#paths[index];
    if (path === undefined) throw new RangeError(`there is no input ${index}`);
    return path;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const source of this.#sources) source.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #fill(path: string, source: Readable): Promise<void> {
    const file = await this.#opened(path);
    if (file === null) return;
    const pipe = new Socket({ fd: file, readable: false, writable: true });
    await pipeline(source, pipe).finally(() => pipe.destroy());
  }

  /** @returns null when it is closed before ffmpeg reads there */
  async #opened(path: string): Promise<number | null> {
    // Asked again and again: an open that waits for ffmpeg would hold a thread that is needed to read what it waits for.
    while (!this.#closed) {
      try {
        return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
        await delay(OPEN_AGAIN_MS);
      }
    }
    return null;
  }
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  onBroken: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const input = bytes[Symbol.asyncIterator]();
  const broken = (error: unknown) => {
    onBroken(error);
    throw error;
  };
  try {
    for (;;) {
      const next = await input.next().catch(broken);
      if (next.done === true) return;
      // What is thrown here comes from the other end: ffmpeg has enough, and the pipe is closed (EPIPE).
      yield next.value;
    }
  } finally {
    await input.return?.();
  }
}

function explained(error: Error): Error {
  if (/cannot find ffmpeg|ENOENT/i.test(error.message)) {
    return new FfmpegError('ffmpeg is not installed on this machine', error);
  }
  if (/killed with signal/.test(error.message)) {
    return new FfmpegError('ffmpeg was killed, perhaps for lack of memory', error);
  }
  return new FfmpegError(`ffmpeg failed: ${error.message}`, error);
}
