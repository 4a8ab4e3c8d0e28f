import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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
  async function runWithPath(path: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      env: { PATH: path },
    });
    return stdout.trim();
  }

  /** An ffmpeg that answers the questions about its abilities, and does something of its own when it is to work. */
  async function runWithFfmpeg(work: string, ...args: string[]): Promise<string> {
    const abilities = 'case "$1" in -encoders|-formats|-codecs|-filters) exec /usr/bin/ffmpeg "$@";; esac';
    await writeFile(join(directory, 'ffmpeg'), `#!/bin/sh\n${abilities}\n${work}\n`, { mode: 0o755 });
    return await runWithPath(`${directory}:/usr/bin:/bin`, ...args);
  }

  it('says so when it is not installed', async () => {
    // mkfifo is always there: it is part of what Debian calls essential.
    await symlink('/usr/bin/mkfifo', join(directory, 'mkfifo'));
    expect(await runWithPath(directory)).to.equal('FfmpegError: ffmpeg is not installed on this machine');
  });

  it('says so when it is killed', async () => {
    expect(await runWithFfmpeg('kill -9 $$')).to.equal(
      'FfmpegError: ffmpeg was killed, perhaps for lack of memory',
    );
  });

  it('lets it stop reading before the end of an input, and takes what it still writes', async () => {
    const closed = join(directory, 'closed');
    // Reads a little of its input, and writes when whoever feeds it has noticed.
    const work = `
      for argument; do [ "$before" = -i ] && input=$argument; before=$argument; done
      head -c 1000 "$input" > /dev/null
      until [ -e ${closed} ]; do sleep 0.01; done
      printf enough`;
    expect(await runWithFfmpeg(work, closed)).to.equal('no error, 6 bytes');
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
