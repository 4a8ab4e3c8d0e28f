import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { transcode } from './ffmpeg.ts';

const program = fileURLToPath(new URL('./fixtures/transcode.ts', import.meta.url));

describe('running ffmpeg', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-ffmpeg-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** In a process of its own: fluent-ffmpeg remembers where it found ffmpeg. */
  async function runWithPath(path: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env: { PATH: path } });
    return stdout.trim();
  }

  it('says so when it is not installed', async () => {
    // mkfifo is always there: it is part of what Debian calls essential.
    await symlink('/usr/bin/mkfifo', join(directory, 'mkfifo'));
    expect(await runWithPath(directory)).to.equal('FfmpegError: ffmpeg is not installed on this machine');
  });

  it('says so when it is killed', async () => {
    // Answers the questions about its abilities, and dies at work.
    const script =
      '#!/bin/sh\ncase "$1" in -encoders|-formats|-codecs|-filters) exec /usr/bin/ffmpeg "$@";; esac\nkill -9 $$\n';
    await writeFile(join(directory, 'ffmpeg'), script);
    await chmod(join(directory, 'ffmpeg'), 0o755);
    expect(await runWithPath(`${directory}:/usr/bin:/bin`)).to.equal(
      'FfmpegError: ffmpeg was killed, perhaps for lack of memory',
    );
  });

  it('passes on what went wrong in the input', async () => {
    const input = (async function* () {
      yield Buffer.alloc(96_000);
      throw new RangeError('the chunk is gone');
    })();
    const options = ['-f', 's16le', '-ar', '48000', '-ac', '1'];
    const all = async () => {
      for await (const _ of transcode(input, options, ['-f', 'flac']));
    };
    const outcome = await all().catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(RangeError);
  });

  it('is over when the reader stops early', async () => {
    let closed = false;
    const input = (async function* () {
      try {
        for (;;) yield Buffer.alloc(96_000);
      } finally {
        closed = true;
      }
    })();
    const options = ['-f', 's16le', '-ar', '48000', '-ac', '1'];
    for await (const _ of transcode(input, options, ['-f', 's16le'])) break;
    expect(closed).to.equal(true);
  });
});
