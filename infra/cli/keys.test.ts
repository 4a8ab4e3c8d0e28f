import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { Signer } from '@cratersync/infra/runtime';
import { openKeys } from '@cratersync/recorder/keys';
import { censusOf } from '@cratersync/recorder/rotation';
import { expectToOpen, keepKeys } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { readOrMakeSecret } from '../dev/secrets.ts';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { keys } from './keys.ts';

const program = join(import.meta.dirname, 'cratersync.js');

describe('cratersync keys', function () {
  this.timeout(120_000);
  let db: TestDatabase;
  let tenant: Tenant;
  let dataDir: string;
  before(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    tenant = await createTenant(db);
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-cli-keys-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));
  after(() => db.close());

  const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    ran(keys, args, { DATABASE_URL: db.appUrl, DATA_DIR: dataDir, ...env });

  it('counts by what session keys are locked, before and after their organization’s key is rotated', async () => {
    const store = await openKeys({ DATA_DIR: dataDir });
    const kept = await keepKeys(db, store, tenant, 3);
    const { organizationId } = tenant;
    expect((await run(['status'])).out).to.match(
      /^ +3 {2}local, version 1 {2}\(organization [0-9a-f-]{36}\)$/,
    );
    const rotated = await run(['rotate', 'organization', organizationId]);
    expect(rotated).to.include({ code: exitCodes.holds });
    expect(rotated.out).to.contain('version 2, 3 session keys locked anew');
    // The tenant's own recording has no key, and is counted, too.
    expect(rotated.steps.at(-1)).to.match(/^session keys of [0-9a-f-]{36} (\d)\/\1$/);
    expect(JSON.parse((await run(['status', '--json'])).out)).to.deep.equal([
      { organizationId, lockedBy: 'local, version 2', count: 3 },
    ]);
    const all = await run(['rotate', 'organization', '--all', '--json']);
    expect(JSON.parse(all.out)).to.deep.equal([
      { organizationId, version: 3, rewrapped: 3, needingOlder: 0, failure: null },
    ]);
    expect((await run(['rotate', 'master'])).out).to.contain('Back up the new one');
    await expectToOpen(store, kept);
  });

  it('goes on wherever it was killed', async () => {
    const store = await openKeys({ DATA_DIR: dataDir });
    const kept = await keepKeys(db, store, tenant, 500);
    const counts = async () => (await censusOf(store)).map(({ count }) => count);
    // The first new version is broken off again and again, a little further each time.
    let midway = 0;
    for (let part = 1; part <= 4; part += 1) {
      const args = [program, 'keys', 'rotate', 'organization', tenant.organizationId];
      const env = { PATH: process.env['PATH'], DATA_DIR: dataDir, DATABASE_URL: db.appUrl };
      const child = spawn(process.execPath, args, { stdio: 'ignore', env });
      const ended = once(child, 'exit');
      const done = async () =>
        (await censusOf(store)).find(each => each.lockedBy === 'local, version 2')?.count ?? 0;
      while (child.exitCode === null && (await done()) < part * 40);
      child.kill('SIGKILL');
      await ended;
      if ((await counts()).length > 1) midway += 1;
      await expectToOpen(store, kept);
    }
    expect(midway, 'kills in the midst of it').to.be.greaterThan(0);
    expect(await run(['rotate', 'organization', tenant.organizationId])).to.include({
      code: exitCodes.holds,
    });
    expect(await counts()).to.deep.equal([500]);
    const folder = join(dataDir, 'keys', 'organizations', `${tenant.organizationId}.keys`);
    expect(await readdir(folder)).to.have.length(1);
    await expectToOpen(store, kept);
  });

  it('makes other secrets, and says when the ones before can go', async () => {
    const first = readOrMakeSecret(dataDir, 'sealing-key');
    const begun = await run(['rotate', 'sealing']);
    expect(begun.code).to.equal(exitCodes.holds);
    expect(begun.out).to.contain('Restart CraterSync').and.to.contain('--finish');
    expect(readOrMakeSecret(dataDir, 'sealing-key')).not.to.equal(first);
    expect((await run(['rotate', 'sealing'])).code).to.equal(exitCodes.doesNotHold);
    expect((await run(['rotate', 'sealing', '--finish'])).code).to.equal(exitCodes.holds);
    const former = await readFile(join(dataDir, 'secrets', 'former-receipt-keys'), 'utf8');
    expect(former.trim()).to.equal(new Signer(first).publicKey);
    const set = await run(['rotate', 'node'], { NODE_SECRET: 'n'.repeat(32) }).catch((error: Error) => error);
    expect(set)
      .to.be.instanceOf(UsageError)
      .and.to.have.property('message')
      .that.contains('NODE_SECRET_PREVIOUS');
  });

  it('asks what is to be done', async () => {
    for (const args of [
      [],
      ['rotate'],
      ['rotate', 'organization'],
      ['rotate', 'cookie'],
      ['rotate', 'organization', 'x'],
    ])
      expect(await run(args).catch(error => error), args.join(' ')).to.be.instanceOf(UsageError);
  });
});
