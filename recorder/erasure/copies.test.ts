import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { CustomerKey, OrganizationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { VaultServer } from '../../test/support/vault-server.ts';
import { FormatError, objectKeys, openSealed } from '../format/index.ts';
import { type Keys, openKeys } from '../keys/index.ts';
import { type ObjectStore, openStore } from '../store/index.ts';
import { ErasureScene, OBJECTS, RECORDINGS } from './fixtures/erasure-scene.ts';

/** What is known of before: all rows of the database, the bucket, and (which we ask nobody to keep) the key store. */
interface Copies {
  dump: string;
  folder: string;
  store: ObjectStore;
}

describe('copies of before an organization was erased', function () {
  this.timeout(60_000);
  useKmsCredentials();
  let scene: ErasureScene;
  let kms: KmsServer;
  let vault: VaultServer;
  let copies: Copies;
  const theirs = new Map<OrganizationId, CustomerKey>();

  before(async () => {
    [kms, vault] = [await KmsServer.start(), await VaultServer.start()];
  });
  after(async () => {
    await Promise.all([kms.close(), vault.close()]);
  });
  afterEach(async () => {
    await copies.store.close();
    await rm(copies.folder, { recursive: true });
    await scene.close();
  });

  const aws = () => ({ AWS_KMS_ENDPOINT: kms.url, AWS_STS_ENDPOINT: kms.url });
  const providers: Record<string, (DATA_DIR: string) => Promise<Keys>> = {
    local: DATA_DIR => openKeys({ DATA_DIR }),
    vault: DATA_DIR =>
      openKeys({ DATA_DIR, KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN: vault.token }),
    'aws-kms': DATA_DIR =>
      openKeys({
        ...{ DATA_DIR, KEY_PROVIDER: 'aws-kms', ...aws() },
        ...{ AWS_KMS_KEY_ID: kms.keyId, AWS_KMS_REGION: 'ca-central-1' },
      }),
    'a key of its own in AWS KMS': async DATA_DIR => {
      const keys = await openKeys({ DATA_DIR, ...aws() });
      keys.createSessionKey = (context, recordingId) =>
        Object.getPrototypeOf(keys).createSessionKey.call(keys, context, recordingId, bring(context));
      return keys;
    },
  };

  /** The key that an organization has brought. */
  function bring({ organizationId }: { organizationId: OrganizationId }): CustomerKey {
    const roleArn = `arn:aws:iam::444455556666:role/${organizationId}`;
    const key = theirs.get(organizationId) ?? { keyArn: kms.addKey(roleArn), roleArn };
    kms.roles.set(roleArn, organizationId);
    theirs.set(organizationId, key);
    return key;
  }

  async function copy(): Promise<Copies> {
    const tables = await scene.column(`SELECT c.oid::regclass FROM pg_class c WHERE relkind = 'r'
       AND relnamespace::regnamespace::text IN ('app', 'graphile_worker')`);
    const rows: string[] = [];
    for (const table of tables)
      rows.push(...(await scene.column(`SELECT row_to_json(t)::text FROM ${table} t`)));
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-copy-'));
    await cp(scene.directory, folder, { recursive: true });
    return { dump: rows.join('\n'), folder, store: await openStore({ DATA_DIR: folder }) };
  }

  const sessionKeys = () =>
    Promise.all(
      scene.recorded.map(({ sessionId, recordingId }) =>
        scene.keys.sessionKey({ organizationId: scene.tenant.organizationId, sessionId }, recordingId),
      ),
    );

  /** How many frames of the objects in the copy of the bucket open with any of these keys. */
  async function framesOpened(keys: Buffer[]): Promise<number> {
    let frames = 0;
    for (const { recordingId } of scene.recorded)
      for await (const { key: name } of copies.store.list(objectKeys.recordingPrefix(recordingId))) {
        const sealed = await buffer(await copies.store.get(name));
        for (const key of keys) frames += framesOf(sealed, key);
      }
    return frames;
  }

  for (const [name, keys] of Object.entries(providers))
    it(`yield not one frame, where its key was of: ${name}`, async () => {
      scene = await ErasureScene.open(RECORDINGS, { keys });
      const { organizationId } = scene.tenant;
      const brought = theirs.get(organizationId);
      await scene.db.owner.query(
        'UPDATE app.customer_keys SET key_arn = $2, role_arn = $3 WHERE organization_id = $1',
        [organizationId, brought?.keyArn, brought?.roleArn],
      );
      copies = await copy();
      const opening = await sessionKeys();
      expect(await scene.reads(copies.store)).to.deep.equal(['opens', 'opens', 'opens']);
      expect(await framesOpened(opening)).to.equal(RECORDINGS * OBJECTS);

      await scene.deleteIt();
      await scene.setDue('-1 s');
      await scene.eraseWholly();
      // All objects of its three recordings, its export, and another organization's recording.
      expect((await Array.fromAsync(copies.store.list(''))).length).to.equal(OBJECTS * (RECORDINGS + 1) + 1);
      expect(await scene.reads(copies.store)).to.deep.equal(['erased', 'erased', 'erased']);
      const found = keysIn(copies.dump);
      expect(found.length).to.be.greaterThan(5);
      expect(await framesOpened(found)).to.equal(0);
      for (const key of opening)
        for (const form of ['hex', 'base64'] as const) expect(copies.dump).not.to.contain(key.toString(form));
      await expectNowhere(opening);

      // Even with the files of its session keys, once what locked them is gone.
      if (name === 'aws-kms') return;
      await cp(join(copies.folder, 'keys', 'recordings'), join(scene.directory, 'keys', 'recordings'), {
        recursive: true,
      });
      if (brought !== undefined) kms.key(brought.keyArn).state = 'PendingDeletion';
      const refused =
        { local: /^erased$/, vault: /no key for this organization/ }[name] ?? /deletion is scheduled/;
      for (const read of await scene.reads(copies.store)) expect(read).to.match(refused);
    });

  async function expectNowhere(opening: Buffer[]): Promise<void> {
    const entries = await readdir(scene.directory, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter(each => each.isFile())) {
      const bytes = await readFile(join(entry.parentPath, entry.name));
      for (const key of opening) expect(bytes.includes(key), entry.name).to.equal(false);
    }
  }
});

function framesOf(sealed: Buffer, key: Buffer): number {
  try {
    return openSealed(key, sealed).frames.length;
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}

/** Whatever in a dump could be a key of 256 bits. */
function keysIn(dump: string): Buffer[] {
  const hex = dump.matchAll(/[0-9a-f]{64}/g);
  const base64 = dump.matchAll(/[A-Za-z0-9+/_-]{43}/g);
  return [
    ...[...hex].map(([text]) => Buffer.from(text, 'hex')),
    ...[...base64].map(([text]) => Buffer.from(text, 'base64')),
  ];
}
