import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import { storeSmallRecording } from '@cratersync/recorder/testing';
import { expect } from 'chai';

const program = join(import.meta.dirname, 'cratersync.js');
const unknownId = '99999999-0000-4000-8000-000000000000';

describe('the commands about what is stored', function () {
  // Each of them is a process of its own.
  this.timeout(120_000);
  let directory: string;
  let recordingId: string;
  let chunkKeys: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-cli-'));
    const store = await openStore({ DATA_DIR: directory });
    const manifest = await storeSmallRecording(store, await openKeys({ DATA_DIR: directory }));
    await store.close();
    recordingId = manifest.recordingId;
    chunkKeys = manifest.tracks.flatMap(track => track.chunks.map(chunk => chunk.key));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const fileOf = (key: string | undefined) => join(directory, 'store', key ?? '');

  /** The program itself, as a shell starts it. */
  async function cratersync(args: string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], DATA_DIR: directory, ...env },
    });
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, out, err };
  }

  it('say their usage and exit codes with --help', async () => {
    for (const name of ['status', 'verify', 'inspect', 'recover', 'storage', 'audit', 'keys', 'prepare']) {
      const { code, out } = await cratersync([name, '--help']);
      expect(code).to.equal(0);
      expect(out)
        .to.contain(`Usage: npx cratersync ${name}`)
        .and.contain('Ends with 0')
        .and.contain('--json');
    }
  });

  it('verify ends with 0 when all holds, 1 when it does not, 2 for wrong usage, 3 when that can’t be said', async () => {
    const good = await cratersync(['verify', recordingId]);
    expect(good).to.deep.include({ code: 0, err: '' });
    expect(good.out).to.contain('All holds: 3 chunks');
    const json = await cratersync(['verify', recordingId, '--json']);
    expect(JSON.parse(json.out)).to.include({ result: 'holds', recordingId, packets: 30 });
    await writeFile(fileOf(chunkKeys[1]), 'damaged');
    const damaged = await cratersync(['verify', recordingId]);
    expect(damaged.code).to.equal(1);
    expect(damaged.out).to.contain(`DAMAGED  ${chunkKeys[1]}`);
    expect((await cratersync(['verify', unknownId])).code).to.equal(1);
    for (const args of [['verify'], ['verify', 'x'], ['verify', recordingId, '--jsno']])
      expect((await cratersync(args)).code, args.join(' ')).to.equal(2);
    expect((await cratersync(['verify', recordingId], { S3_BUCKET: 'only' })).code).to.equal(2);
    const away = { S3_REGION: 'x', S3_BUCKET: 'x', S3_ACCESS_KEY_ID: 'x', S3_SECRET_ACCESS_KEY: 'x' };
    const unreachable = await cratersync(['verify', recordingId], {
      ...away,
      S3_ENDPOINT: 'http://store.invalid',
    });
    expect(unreachable.code).to.equal(3);
    expect(unreachable.err).to.contain('no such host').and.not.contain('    at ');
    await rm(join(directory, 'keys', 'recordings', recordingId), { recursive: true });
    expect((await cratersync(['verify', recordingId])).code).to.equal(3);
  });

  it('verify and inspect in the wrong place say so, and make nothing there', async () => {
    const DATA_DIR = join(directory, 'elsewhere');
    for (const args of [
      ['verify', recordingId],
      ['inspect', chunkKeys[0] ?? ''],
    ]) {
      const { code, err } = await cratersync(args, { DATA_DIR });
      expect(code).to.equal(3);
      expect(err).to.contain('Set DATA_DIR');
    }
    expect(await readFile(DATA_DIR).catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ENOENT');
  });

  it('inspect shows header, frames and counts of a chunk by its key or as a file, and nothing that is secret', async () => {
    const [key = ''] = chunkKeys;
    const byKey = await cratersync(['inspect', key]);
    expect(byKey.code).to.equal(0);
    expect(byKey.out).to.contain(recordingId).and.contain('10 packets').and.contain('Every frame holds.');
    expect(byKey.out).to.contain('0.000 s to 0.180 s');
    const byFile = await cratersync(['inspect', fileOf(key), '--json']);
    const found = JSON.parse(byFile.out);
    expect(found).to.include({ purpose: 'chunk', recordingId, sequence: 0, fault: null, keyMissing: null });
    expect(found.frames).to.have.length(1);
    expect(found.records).to.include({ packets: 10, firstUs: 0, lastUs: 180_000 });
    const keys = await openKeys({ DATA_DIR: directory });
    const sessionKey = await keys.sessionKey(found, found.recordingId);
    // The packets of the first chunk are rows of one byte each.
    for (const { out } of [byKey, byFile]) {
      expect(out).to.not.contain(sessionKey.toString('hex')).and.not.contain('salt');
      expect(out).to.not.contain('01'.repeat(20)).and.not.contain(sessionKey.toString('base64'));
    }
    expect((await cratersync(['inspect', `recordings/${recordingId}/manifest`])).code).to.equal(0);
  });

  it('inspect tells what is torn, damaged, without its key, missing or nothing of ours', async () => {
    const [key = ''] = chunkKeys;
    const whole = await readFile(fileOf(key));
    await writeFile(fileOf(key), whole.subarray(0, -5));
    const torn = await cratersync(['inspect', key]);
    expect(torn.code).to.equal(1);
    expect(torn.out).to.contain('DAMAGED: torn');
    await writeFile(fileOf(key), Buffer.from(whole).fill(0, 500, 501));
    expect((await cratersync(['inspect', key])).code).to.equal(1);
    await writeFile(fileOf(key), whole);
    await rm(join(directory, 'keys', 'recordings', recordingId), { recursive: true });
    const locked = await cratersync(['inspect', key]);
    expect(locked.code).to.equal(3);
    expect(locked.out).to.contain('Not torn, but not opened').and.contain(recordingId);
    expect((await cratersync(['inspect', `${key}0`])).code).to.equal(1);
    const text = join(directory, 'text');
    await writeFile(text, 'x'.repeat(300));
    expect((await cratersync(['inspect', text])).err).to.contain('no object of CraterSync');
    expect((await cratersync(['inspect'])).code).to.equal(2);
  });

  it('storage init makes the directory ready, and says what was there', async () => {
    const DATA_DIR = join(directory, 'fresh');
    const first = await cratersync(['storage', 'init'], { DATA_DIR });
    expect(first.code).to.equal(0);
    expect(first.out).to.contain('directory  made').and.contain('probe      works');
    expect((await cratersync(['storage', 'init'], { DATA_DIR })).out).to.contain('already there');
    expect((await cratersync(['storage'])).code).to.equal(2);
    await writeFile(join(directory, 'file'), '');
    expect((await cratersync(['storage', 'init'], { DATA_DIR: join(directory, 'file') })).code).to.equal(3);
  });
});
