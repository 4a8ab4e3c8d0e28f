import { cp, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, type Database, inOrganization } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { VaultServer } from '../../test/support/vault-server.ts';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { openKeys, openLocalProvider, type SessionKeys } from '../keys/index.ts';
import { expectToOpen, type Kept, keepKeys } from './fixtures/kept-keys.ts';
import { alone, censusOf, organizationsIn, type Rotated, rotateDue, rotateOrganizations } from './index.ts';

type Settings = Omit<Parameters<typeof openKeys>[0], 'DATA_DIR'>;
const COUNT = 5;
const DAY_MS = 24 * 3_600_000;

describe('rotating keys', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let directory: string;
  let vault: VaultServer;
  let kms: KmsServer;
  useKmsCredentials();
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database);
    directory = await mkdtemp(join(tmpdir(), 'cratersync-rotation-'));
    [vault, kms] = [await VaultServer.start(), await KmsServer.start()];
  });
  afterEach(async () => {
    await Promise.all([vault.close(), kms.close(), rm(directory, { recursive: true, force: true })]);
  });

  const open = (more: Settings = {}): Promise<SessionKeys> => openKeys({ DATA_DIR: directory, ...more });
  const vaultSettings = (): Settings => ({
    KEY_PROVIDER: 'vault',
    VAULT_ADDR: vault.url,
    VAULT_TOKEN: vault.token,
  });
  const kmsSettings = (): Settings => ({
    KEY_PROVIDER: 'aws-kms',
    AWS_KMS_KEY_ID: kms.keyId,
    AWS_KMS_REGION: 'ca-central-1',
    AWS_KMS_ENDPOINT: kms.url,
  });
  const rotate = async (keys: SessionKeys, db: Database = database.worker): Promise<Rotated | undefined> =>
    (await rotateOrganizations({ db, keys }, [tenant.organizationId]))[0];
  const labels = async (keys: SessionKeys) =>
    Object.fromEntries((await censusOf(keys)).map(({ lockedBy, count }) => [lockedBy, count]));
  const versionsOnDisk = async () =>
    (await readdir(join(directory, 'keys', 'organizations', `${tenant.organizationId}.keys`))).sort();

  for (const name of ['local', 'vault'] as const) {
    const settings = () => (name === 'local' ? {} : vaultSettings());

    it(`locks every session key by a new version, and destroys the old one (${name})`, async () => {
      const keys = await open(settings());
      const kept = await keepKeys(database, keys, tenant, COUNT);
      const running = await open(settings());
      expect(await labels(keys)).to.deep.equal({ [`${name}, version 1`]: COUNT });
      const rotated = await rotate(keys);
      expect(rotated).to.include({ version: 2, rewrapped: COUNT, needingOlder: 0, failure: null });
      expect(await labels(keys)).to.deep.equal({ [`${name}, version 2`]: COUNT });
      // A process that was there all the time needs no restart: to read, and to record.
      await expectToOpen(running, kept);
      const [more] = await keepKeys(database, running, tenant, 1);
      expect(await labels(keys)).to.deep.equal({ [`${name}, version 2`]: COUNT + 1 });
      if (more !== undefined) await expectToOpen(keys, [more]);
      expect((await keys.versions?.of(tenant.organizationId))?.older).to.deep.equal([]);
      if (name === 'local') expect(await versionsOnDisk()).to.deep.equal(['2']);
      else
        expect([
          ...(vault.keys.get(`cratersync-${tenant.organizationId}`)?.versions.keys() ?? []),
        ]).to.deep.equal([2]);
      const written = await inOrganization(database.app, tenant.organizationId, tx =>
        audit.list(tx, { action: 'key.rotated' }, 10),
      );
      expect(written.map(({ details }) => details)).to.deep.equal([{ version: 2 }]);
    });

    it(`goes on after a kill at every step, and makes one new version (${name})`, async () => {
      const keys = await open(settings());
      const kept = await keepKeys(database, keys, tenant, COUNT);
      let before = 0;
      let rotated: Rotated | undefined;
      const steps = await killedAtEveryStep(
        async mortal => {
          before = (await keys.versions?.of(tenant.organizationId))?.current ?? 0;
          rotated = await rotate(mortal(await open(settings())), mortal(database.worker));
        },
        async (death, died) => {
          await expectToOpen(await open(settings()), kept);
          if (died) rotated = await rotate(await open(settings()));
          // Killed before anything was made, there is nothing to go on with.
          expect(rotated, `death ${death}`).to.include({
            version: before + 1,
            needingOlder: 0,
            failure: null,
          });
          expect(await labels(keys)).to.deep.equal({ [`${name}, version ${before + 1}`]: COUNT });
          expect((await keys.versions?.of(tenant.organizationId))?.older).to.deep.equal([]);
          await expectToOpen(await open(settings()), kept);
        },
      );
      // The new version, each session key, and the end of the old version.
      expect(steps).to.be.greaterThan(COUNT + 2);
    });
  }

  it('moves from one key in AWS KMS to another, where no session key leaves KMS', async () => {
    const before = await open(kmsSettings());
    const kept = await keepKeys(database, before, tenant, COUNT);
    const newKeyId = kms.addKey();
    const keys = await open({ ...kmsSettings(), AWS_KMS_KEY_ID: newKeyId });
    await expectToOpen(keys, kept);
    const decrypted = kms.asked['TrentService.Decrypt'];
    expect(await rotate(keys)).to.include({ rewrapped: COUNT, failure: null });
    expect(kms.asked).to.include({ 'TrentService.ReEncrypt': COUNT, 'TrentService.Decrypt': decrypted });
    expect(await labels(keys)).to.deep.equal({ [`aws-kms, ${newKeyId}`]: COUNT });
    kms.state = 'PendingDeletion';
    await expectToOpen(keys, kept);
    expect(await rotate(keys)).to.include({ rewrapped: 0, failure: null });
  });

  it('brings session keys to another provider', async () => {
    const kept = await keepKeys(database, await open(), tenant, COUNT);
    const keys = await open(vaultSettings());
    expect(await rotate(keys)).to.include({ rewrapped: COUNT, failure: null });
    expect(Object.keys(await labels(keys))).to.have.length(1);
    expect(Object.keys(await labels(keys))[0]).to.match(/^vault/);
    await expectToOpen(keys, kept);
  });

  const faults: [string, () => void, RegExp, () => void][] = [
    [
      'sealed',
      () => Object.assign(vault, { sealed: true }),
      /sealed/,
      () => Object.assign(vault, { sealed: false }),
    ],
    [
      'throttling for long',
      () => Object.assign(vault, { throttled: 1e6 }),
      /more requests/,
      () => Object.assign(vault, { throttled: 0 }),
    ],
    [
      'breaking connections',
      () => {
        vault.onRequest = () => {
          throw new Error('broken');
        };
      },
      /does not answer/,
      () => {
        vault.onRequest = () => {};
      },
    ],
  ];
  for (const [what, breaks, says, mends] of faults) {
    it(`is not called done where a Vault is ${what} in the midst of it, and is finished later`, async () => {
      const keys = await open(vaultSettings());
      const kept = await keepKeys(database, keys, tenant, COUNT);
      const breaking = breaksAfter(keys, 2, breaks);
      const rotated = await rotate(breaking);
      expect(rotated?.failure).to.match(says);
      mends();
      await expectToOpen(keys, kept);
      expect(vault.keys.get(`cratersync-${tenant.organizationId}`)?.versions.size).to.equal(2);
      const again = await rotate(keys);
      expect(again).to.include({ version: 2, needingOlder: 0, failure: null });
      expect(await labels(keys)).to.deep.equal({ 'vault, version 2': COUNT });
      await expectToOpen(keys, kept);
    }).timeout(20_000);
  }

  function breaksAfter(keys: SessionKeys, count: number, breaks: () => void): SessionKeys {
    let rewrapped = 0;
    return new Proxy(keys, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (name !== 'rewrap') return typeof value === 'function' ? value.bind(target) : value;
        return (...args: Parameters<SessionKeys['rewrap']>) => {
          rewrapped += 1;
          if (rewrapped === count) breaks();
          return target.rewrap(...args);
        };
      },
    });
  }

  it('leaves versions of a Vault where its policy does not let us delete them, unreadable', async () => {
    vault.forbidden.add('trim');
    const keys = await open(vaultSettings());
    const kept = await keepKeys(database, keys, tenant, 1);
    expect(await rotate(keys)).to.include({ version: 2, needingOlder: 0, failure: null });
    expect(vault.keys.get(`cratersync-${tenant.organizationId}`)).to.include({ minDecryption: 2 });
    await expectToOpen(keys, kept);
  });

  it('keeps the old version for session keys whose recordings the database does not know', async () => {
    const keys = await open();
    const kept = await keepKeys(database, keys, tenant, 2);
    const [lost] = kept;
    if (lost === undefined) throw new Error('nothing was kept');
    await database.owner.query('DELETE FROM app.recordings WHERE recording_id = $1', [lost.recordingId]);
    expect(await rotate(keys)).to.include({ version: 2, rewrapped: 1, needingOlder: 1 });
    await expectToOpen(keys, kept);
    // As `recover` brings it back.
    await database.owner.query(
      `INSERT INTO app.recordings (organization_id, recording_id, session_id, started_at) VALUES ($1, $2, $3, now())`,
      [tenant.organizationId, lost.recordingId, tenant.sessionId],
    );
    expect(await rotate(keys)).to.include({ version: 2, rewrapped: 1, needingOlder: 0 });
    await expectToOpen(keys, kept);
  });

  it('takes up what was locked before there were versions', async () => {
    const keys = await open();
    const kept = await keepKeys(database, keys, tenant, 3);
    await asBeforeVersions(kept);
    await expectToOpen(keys, kept);
    expect((await censusOf(keys)).map(({ organizationId }) => organizationId)).to.deep.equal([null]);
    expect(await rotate(keys)).to.include({ version: 2, rewrapped: 3, needingOlder: 0 });
    await expectToOpen(keys, kept);
    expect(await readdir(join(directory, 'keys', 'sessions'))).to.deep.equal([]);
    expect(await readdir(join(directory, 'keys', 'organizations'))).to.deep.equal([
      `${tenant.organizationId}.keys`,
    ]);
  });

  /** Where the files were, and what was in them. */
  async function asBeforeVersions(kept: readonly Kept[]): Promise<void> {
    const { mkdir, readFile, writeFile } = await import('node:fs/promises');
    const at = (...names: string[]) => join(directory, 'keys', ...names);
    await mkdir(at('sessions'));
    for (const { context, recordingId } of kept) {
      const wrapped = await readFile(at('recordings', recordingId, context.organizationId));
      await writeFile(at('sessions', recordingId), wrapped.subarray(5));
      await rm(at('recordings', recordingId), { recursive: true });
    }
    await rename(
      at('organizations', `${tenant.organizationId}.keys`, '1'),
      at('organizations', tenant.organizationId),
    );
    await rm(at('organizations', `${tenant.organizationId}.keys`), { recursive: true });
  }

  it('never brings back a key that is destroyed meanwhile', async () => {
    const keys = await open();
    const kept = await keepKeys(database, keys, tenant, 20);
    // Each is destroyed while it is locked anew, in another order each time.
    const target = await (async () => {
      await keys.versions?.rotate(tenant.organizationId);
      return keys.target(tenant.organizationId, null);
    })();
    await Promise.all(
      kept.flatMap(({ context, recordingId }, i) => {
        const rewrap = () => keys.rewrap(context, recordingId, target).catch(() => {});
        const destroy = () => keys.destroySessionKey(recordingId);
        return i % 2 === 0 ? [rewrap(), destroy()] : [destroy(), rewrap()];
      }),
    );
    expect(await readdir(join(directory, 'keys', 'recordings'))).to.deep.equal([]);
  });

  it('opens every session key at any time, and keeps those that are made meanwhile', async () => {
    const keys = await open();
    const kept = await keepKeys(database, keys, tenant, 10);
    const recorder = await open();
    let rotating = true;
    const rotations = (async () => {
      for (let times = 0; times < 4; times += 1) expect((await rotate(keys))?.failure).to.equal(null);
      rotating = false;
    })();
    const made: Kept[] = [];
    while (rotating) {
      await expectToOpen(recorder, kept);
      made.push(...(await keepKeys(database, recorder, tenant, 1)));
    }
    await rotations;
    await expectToOpen(await open(), [...kept, ...made]);
  }).timeout(30_000);

  it('is done by one process at a time', async () => {
    const keys = await open();
    await keepKeys(database, keys, tenant, 1);
    await alone({ db: database.worker }, tenant.organizationId, async () => {
      expect((await rotate(keys))?.failure).to.match(/being changed already/);
    });
    expect((await rotate(keys))?.failure).to.equal(null);
  });

  it('is done for keys that are older than it is set, and finishes what was broken off', async () => {
    const keys = await open();
    const kept = await keepKeys(database, keys, tenant, 2);
    const due = (days: number) => rotateDue({ db: database.worker, keys }, days);
    expect(await due(30)).to.deep.equal([]);
    const file = join(directory, 'keys', 'organizations', `${tenant.organizationId}.keys`, '1');
    const longAgo = new Date(Date.now() - 31 * DAY_MS);
    await utimes(file, longAgo, longAgo);
    expect(await due(0)).to.deep.equal([]);
    expect(await due(30)).to.have.length(1);
    expect(await due(30)).to.deep.equal([]);
    await keys.versions?.rotate(tenant.organizationId);
    expect((await due(0))[0]).to.include({ version: 3, rewrapped: 2, needingOlder: 0 });
    await expectToOpen(keys, kept);
    expect(await organizationsIn(keys)).to.deep.equal([tenant.organizationId]);
  });

  describe('the master key', () => {
    const master = () => openLocalProvider({ DATA_DIR: directory });

    it('is replaced under running processes, and the old one opens nothing any more', async () => {
      const keys = await open();
      const kept = await keepKeys(database, keys, tenant, 2);
      const running = await open();
      await running.sessionKey(kept[0]?.context ?? tenant, kept[0]?.recordingId ?? tenant.recordingId);
      const [file, old] = [join(directory, 'secrets', 'master.key'), join(directory, 'old.key')];
      await cp(file, old);
      const madeAt = (await keys.versions?.of(tenant.organizationId))?.since;
      await (await master())?.rotateMaster(() => {});
      await expectToOpen(running, kept);
      await expectToOpen(running, await keepKeys(database, running, tenant, 1));
      expect(await readdir(join(directory, 'secrets'))).to.deep.equal(['master.key']);
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
      expect((await keys.versions?.of(tenant.organizationId))?.since).to.deep.equal(madeAt);
      const withOld = await open({ MASTER_KEY_FILE: old });
      const [first] = kept;
      const refusal = await withOld
        .sessionKey(first?.context ?? tenant, first?.recordingId ?? tenant.recordingId)
        .then(String, (error: Error) => error.message);
      expect(refusal).to.match(/does not open with the master key/);
    });

    it('is read by all while it is rotated, and goes on after a kill at every step', async () => {
      const keys = await open();
      const others = [tenant, await createTenant(database), await createTenant(database)];
      const kept = (await Promise.all(others.map(each => keepKeys(database, keys, each, 1)))).flat();
      // Steps: after each organization of the first round.
      for (let killAt = 1; killAt <= others.length; killAt += 1) {
        const provider = await master();
        const killed = await provider
          ?.rotateMaster(done => {
            if (done === killAt) throw new Error('killed');
          })
          .catch((error: Error) => error.message);
        expect(killed).to.equal('killed');
        expect(await readdir(join(directory, 'secrets'))).to.have.members(['master.key', 'master.key.next']);
        await expectToOpen(keys, kept);
        await expectToOpen(await open(), await keepKeys(database, keys, tenant, 1));
        await (await master())?.rotateMaster(() => {});
        expect(await readdir(join(directory, 'secrets'))).to.deep.equal(['master.key']);
        await expectToOpen(keys, kept);
      }
    });
  });
});
