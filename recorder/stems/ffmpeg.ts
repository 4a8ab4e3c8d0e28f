import { PassThrough, Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';

/** ffmpeg is missing, was killed, or refused its input. Running the job again may help. */
export class FfmpegError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'FfmpegError';
  }
}

const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-threads', '1'];
/** No versions, dates or random ids: the same input gives the same bytes. */
const REPRODUCIBLE = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact', '-threads', '1'];

/**
 * Runs ffmpeg from a stream of bytes to a stream of bytes; nothing touches a disk. It starts when the first output is
 * asked for, and is killed when the reader stops early. Errors of `input` are thrown as they are.
 */
export async function* transcode(
  input: AsyncIterable<Uint8Array>,
  inputOptions: string[],
  outputOptions: string[],
): AsyncGenerator<Buffer> {
  const source = Readable.from(input, { objectMode: false });
  // fluent-ffmpeg takes a `close` of its output for a reader that has gone, and kills ffmpeg 20 ms later, even when
  // all has been read: without the event, it waits for ffmpeg's own end.
  const output = new PassThrough({ emitClose: false });
  const command = ffmpeg(source)
    .inputOptions([...QUIET, ...inputOptions])
    .outputOptions([...REPRODUCIBLE, ...outputOptions]);
  let finished = false;
  const ended = new Promise<void>((resolve, reject) => {
    command.on('end', () => resolve());
    command.on('error', (error: Error) => reject(explained(error)));
    command.on('start', () => {
      if (finished) command.kill('SIGKILL');
    });
  });
  ended.catch((error: Error) => output.destroy(error));
  command.pipe(output);
  try {
    for await (const part of output as AsyncIterable<Buffer>) yield part;
    await ended;
  } finally {
    finished = true;
    source.destroy();
    command.kill('SIGKILL');
  }
}

function explained(error: Error & { inputStreamError?: Error }): Error {
  if (error.inputStreamError !== undefined) return error.inputStreamError;
  if (/cannot find ffmpeg|ENOENT/i.test(error.message)) {
    return new FfmpegError('ffmpeg is not installed on this machine', error);
  }
  if (/killed with signal/.test(error.message)) {
    return new FfmpegError('ffmpeg was killed, perhaps for lack of memory', error);
  }
  return new FfmpegError(`ffmpeg failed: ${error.message}`, error);
}
