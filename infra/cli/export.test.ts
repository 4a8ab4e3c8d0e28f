import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tone } from '@cratersync/recorder/testing';
import { ExportScene, PASSPHRASE } from '@cratersync/recorder/testing/exports';
import { expect } from 'chai';

const program = join(import.meta.dirname, 'cratersync.js');

describe('cratersync export open', function () {
  // Each call is a process of its own, which derives a key.
  this.timeout(120_000);
  let scene: ExportScene;
  let directory: string;
  let file: string;
  before(async () => {
    scene = await ExportScene.open();
    const wav = wavOf(tone(440, 1));
    await scene.record({ wav });
    const place = await scene.order('stems');
    await scene.write(place);
    file = await scene.download(place);
  });
  after(() => scene.close());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-open-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** As somebody has it who has nothing but the file. */
  async function cratersync(args: string[], passphrase?: string) {
    const child = spawn(process.execPath, [program, 'export', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        ...(passphrase !== undefined && { CRATERSYNC_EXPORT_PASSPHRASE: passphrase }),
      },
    });
    const ended = once(child, 'exit');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    return { code, out, err };
  }

  it('gives a folder whose sound ffmpeg reads, without a server', async () => {
    const { code, out, err } = await cratersync(['open', file, '--to', 'mine'], PASSPHRASE);
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.match(/LEFT OUT {2}recording .*\nAll holds: \d+ files/);
    const found = await readdir(join(directory, 'mine'), { recursive: true });
    const wav = found.find(name => name.endsWith('.wav')) ?? '';
    const probe = spawn(
      'ffprobe',
      ['-v', 'error', '-show_entries', 'stream=sample_rate,duration', '-of', 'csv=p=0', wav],
      {
        cwd: join(directory, 'mine'),
      },
    );
    expect(await text(probe.stdout)).to.equal('48000,1.000000\n');
    const again = await cratersync(['open', file, '--to', 'mine'], PASSPHRASE);
    expect([again.code, again.err]).to.deep.equal([1, 'mine is there already. Name a folder that is not.\n']);
  });

  it('leaves nothing where it is not what it should be, and says what is wrong', async () => {
    const copy = join(directory, 'copy.tar.age');
    const bytes = (await readFile(file)).length;
    const cases: Record<string, { change: () => Promise<void>; passphrase?: string; says: RegExp }> = {
      'a wrong passphrase': {
        change: async () => {},
        passphrase: 'six words',
        says: /passphrase does not open/,
      },
      'a file that is cut off': {
        change: () => truncate(copy, bytes - 100),
        says: /does not end as it should/,
      },
      'something behind it': { change: () => appendFile(copy, 'more'), says: /something stands behind it/ },
      'an altered byte': {
        change: async () => {
          const altered = await readFile(copy);
          altered[1000] = (altered[1000] ?? 0) ^ 1;
          await writeFile(copy, altered);
        },
        says: /was altered/,
      },
      'another file': { change: () => writeFile(copy, 'not encrypted'), says: /no encrypted export/ },
    };
    for (const [what, { change, passphrase = PASSPHRASE, says }] of Object.entries(cases)) {
      await copyFile(file, copy);
      await change();
      const { code, err } = await cratersync(['open', 'copy.tar.age'], passphrase);
      expect([what, code]).to.deep.equal([what, 1]);
      expect(err, what).to.match(says);
      expect(await readdir(directory), what).to.deep.equal(['copy.tar.age']);
    }
  });

  it('ends with 2 when it is not told what it needs', async () => {
    for (const args of [[], ['open'], ['open', 'absent.tar.age'], ['open', file, '--identity', 'absent']])
      expect((await cratersync(args, PASSPHRASE)).code, args.join(' ')).to.equal(2);
    const unasked = await cratersync(['open', file]);
    expect(unasked.code).to.equal(2);
    expect(unasked.err).to.match(/set CRATERSYNC_EXPORT_PASSPHRASE/);
  });
});

/** Mono, 16 bits. */
function wavOf(samples: Float32Array): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + 2 * samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(48_000, 24);
  head.writeUInt32LE(96_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(2 * samples.length, 40);
  return Buffer.concat([head, Buffer.from(Int16Array.from(samples, value => value * 32_767).buffer)]);
}
