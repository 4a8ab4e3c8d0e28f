import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { audit, inOrganization } from '@cratersync/db';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { ExportScene, noise, PASSPHRASE } from './fixtures/export-scene.ts';
import { openExport } from './open/index.ts';

const run = promisify(execFile);

describe('an export of an organization', function () {
  this.timeout(60_000);
  let scene: ExportScene;
  beforeEach(async () => {
    scene = await ExportScene.open();
  });
  afterEach(() => scene.close());

  const open = async (
    file: string,
    unlock: Parameters<typeof openExport>[1] = { passphrase: PASSPHRASE },
  ) => {
    const to = join(await mkdtemp(join(scene.directory, 'opened-')), 'export');
    return openExport(file, unlock, { to });
  };

  it('has the stems as they are, and all that is known, behind a passphrase', async () => {
    const flac = noise(3_000_001);
    const recordingId = await scene.record({
      flac,
      wav: noise(10),
      webm: noise(70_000),
      sync: Buffer.from('{}'),
    });
    const place = await scene.order('stems');
    expect(await scene.write(place)).to.equal(null);
    expect(await scene.row(place)).to.deep.include({ state: 'ready', note: null, secret: null, leftOut: 1 });
    const opened = await open(await scene.download(place));
    const folder = join(opened.folder, 'recordings', `2026-03-01-${recordingId}`);
    const names = (await readdir(folder)).sort();
    expect(names).to.deep.equal([
      '01-zoe-muller-mic.flac',
      '01-zoe-muller-mic.sync.json',
      '01-zoe-muller-mic.webm',
    ]);
    expect((await readFile(join(folder, names[0] ?? ''))).equals(flac)).to.equal(true);
    const organization = JSON.parse(await readFile(join(opened.folder, 'organization.json'), 'utf8'));
    expect(organization).to.deep.include({ name: 'Moon Radio', region: 'ca' });
    expect(organization.members.map((member: { role: string }) => member.role)).to.have.members([
      'owner',
      'member',
    ]);
    const { sessionId } = scene.tenant;
    const session = JSON.parse(await readFile(join(opened.folder, 'sessions', `${sessionId}.json`), 'utf8'));
    expect(session.participants[0]).to.include({ displayName: 'Zoë Müller', role: 'guest' });
    expect(session.recordings.flatMap((each: { markers: unknown[] }) => each.markers)).to.have.length(1);
    // The tenant's other recording is in no store.
    expect(opened.leftOut).to.deep.equal([
      { recordingId: scene.tenant.recordingId, reason: 'it has no stems: it is complete' },
    ]);
    const entries = await inOrganization(scene.db.app, scene.tenant.organizationId, tx =>
      audit.list(tx, {}, 10),
    );
    expect(entries[0]?.action).to.equal('export.finished');
    expect(opened.auditEntries).to.equal(entries.length - 1);
  });

  it('has recordings as they lie in the store, with keys that open them without a server', async () => {
    const recordingId = await scene.record({ wav: noise(10) });
    const place = await scene.order('recordings');
    await scene.write(place);
    const opened = await open(await scene.download(place));
    expect(opened.recordings).to.equal(1);
    const key = (await scene.keysInStore(`recordings/${recordingId}/tracks/`))[0] ?? '';
    const stored = await readFile(join(scene.directory, 'store', key));
    expect((await readFile(join(opened.folder, key))).equals(stored)).to.equal(true);
    expect(opened.leftOut[0]?.reason).to.equal('the recording was erased');
    const sessionKey = await scene.keys.sessionKey({ ...scene.tenant }, recordingId);
    const manifest = await readFile(join(opened.folder, 'manifest.json'), 'utf8');
    for (const form of ['hex', 'base64'] as const) expect(manifest).not.to.contain(sessionKey.toString(form));
  });

  it('opens with the programs age and tar, and what they give are the same files', async () => {
    const identity = await generateIdentity();
    await scene.record({ wav: noise(17_000_000) });
    const place = await scene.order('stems', { recipient: await identityToRecipient(identity) });
    await scene.write(place);
    const file = await scene.download(place);
    const identityFile = join(scene.directory, 'identity.txt');
    await writeFile(identityFile, `# made for a test\n${identity}\n`);
    const folder = await mkdtemp(join(scene.directory, 'by-hand-'));
    await run('bash', [
      '-c',
      `set -o pipefail; age -d -i "${identityFile}" "${file}" | tar -x -C "${folder}"`,
    ]);
    const opened = await open(file, { identities: [identity] });
    const { stdout } = await run('diff', ['-r', folder, opened.folder]).catch(error => error);
    expect(stdout).to.equal('');
    expect(opened.files).to.be.greaterThan(4);
    const wrong = await open(file, { identities: [await generateIdentity()] }).catch(error => error.message);
    expect(wrong).to.match(/That key does not open/);
  });

  it('keeps no passphrase, and nothing of the organization in plain text', async () => {
    await scene.record({ wav: Buffer.from('a mark that is easily found'.repeat(1000)) });
    const place = await scene.order('stems');
    const before = (await scene.row(place))?.secret;
    expect(before?.includes(PASSPHRASE)).to.equal(false);
    await scene.write(place);
    await rm(await scene.download(place).then(file => `${file}.none`), { force: true });
    for (const file of await readdir(scene.directory, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(join(file.parentPath, file.name));
      for (const mark of ['easily found', 'Moon Radio', PASSPHRASE])
        expect(bytes.includes(mark), file.name).to.equal(false);
    }
    // What was needed on the way is gone.
    const left = await scene.keysInStore();
    expect(left).to.have.length((await scene.row(place))?.parts ?? 0);
    expect(left.every(key => key.includes('/parts/'))).to.equal(true);
  });
});
