import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type OrganizationId,
  organizationId,
  type RecordingId,
  recordingId,
  sessionId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { KeyServer } from '../../test/support/key-server.ts';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { VaultServer } from '../../test/support/vault-server.ts';
import { AwsKmsProvider } from './aws-kms.ts';
import { type KeyContext, type Keys, KeysUnavailable, openKeys } from './index.ts';
import { Kms } from './kms.ts';
import { SessionKeys } from './session-keys.ts';
import { VaultProvider } from './vault.ts';

type Settings = Omit<Parameters<typeof openKeys>[0], 'DATA_DIR'>;

const newContext = (of: { organizationId?: OrganizationId } = {}): KeyContext => ({
  organizationId: of.organizationId ?? organizationId.parse(randomUUID()),
  sessionId: sessionId.parse(randomUUID()),
});
const newRecording = () => recordingId.parse(randomUUID());
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('it worked'),
    (error: Error) => error,
  );

let kms: KmsServer;
let vault: VaultServer;
const settings: Record<'local' | 'vault' | 'aws-kms', () => Settings> = {
  local: () => ({ KEY_PROVIDER: 'local' }),
  vault: () => ({ KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN: vault.token }),
  'aws-kms': () => ({
    KEY_PROVIDER: 'aws-kms',
    AWS_KMS_KEY_ID: kms.keyId,
    AWS_KMS_REGION: 'ca-central-1',
    AWS_KMS_ENDPOINT: kms.url,
  }),
};

const impatientVault = () =>
  new VaultProvider({ address: vault.url, token: { value: vault.token }, mount: 'transit', timeoutMs: 200 });
const impatientKms = () =>
  new AwsKmsProvider(new Kms({ endpoint: kms.url, timeoutMs: 200 }), {
    ...{ id: kms.keyId, region: 'ca-central-1', roleArn: null, isCustomers: false },
  });

describe('keys', () => {
  let directory: string;
  useKmsCredentials();
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-keys-'));
    [kms, vault] = [await KmsServer.start(), await VaultServer.start()];
  });
  afterEach(async () => {
    await Promise.all([kms.close(), vault.close(), rm(directory, { recursive: true, force: true })]);
  });

  const open = (more: Settings = {}): Promise<Keys> => openKeys({ DATA_DIR: directory, ...more });
  const fileOf = (recording: RecordingId, { organizationId }: KeyContext) =>
    join(directory, 'keys', 'recordings', recording, organizationId);

  for (const name of ['local', 'vault', 'aws-kms'] as const) {
    describe(`locked by ${name}`, () => {
      let keys: Keys;
      beforeEach(async () => {
        keys = await open(settings[name]());
      });

      it('are the same whenever they are asked for, by any process, and others for each recording', async () => {
        const [context, recording] = [newContext(), newRecording()];
        const key = await keys.createSessionKey(context, recording);
        expect(key).to.have.lengthOf(32);
        expect(await keys.createSessionKey(context, recording)).to.deep.equal(key);
        const another = await open(settings[name]());
        expect(await another.sessionKey(context, recording)).to.deep.equal(key);
        expect(await keys.createSessionKey(context, newRecording())).not.to.deep.equal(key);
        await keys.check(context);
      });

      it('are made once, however many make one at the same time', async () => {
        const [context, recording] = [newContext(), newRecording()];
        const all = await Promise.all([1, 2, 3, 4].map(() => keys.createSessionKey(context, recording)));
        expect(new Set(all.map(key => key.toString('hex'))).size).to.equal(1);
      });

      it('open for the organization and the session that they were made for, and for no other', async () => {
        const [context, recording] = [newContext(), newRecording()];
        const key = await keys.createSessionKey(context, recording);
        const sameOrganization = newContext(context);
        // Both have a key of their own with the provider.
        const foreign = newContext();
        await keys.createSessionKey(foreign, newRecording());
        for (const wrong of [sameOrganization, foreign, { ...foreign, sessionId: context.sessionId }]) {
          const error = await failure(keys.sessionKey(wrong, recording));
          expect(error).to.be.instanceOf(KeysUnavailable);
          expect(error.message).to.match(/does not open.*another organization/);
        }
        expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
      });

      it('are nowhere on the disk but locked, and do not open when they are damaged', async () => {
        const [context, recording] = [newContext(), newRecording()];
        const key = await keys.createSessionKey(context, recording);
        const stored = await readFile(fileOf(recording, context));
        for (const form of [key, key.toString('hex'), key.toString('base64')])
          expect(stored.includes(form)).to.equal(false);
        for (const place of [0, 5, Math.floor(stored.length / 2), stored.length - 1]) {
          const damaged = Buffer.from(stored);
          damaged[place] = (damaged[place] ?? 0) ^ 0x40;
          await writeFile(fileOf(recording, context), damaged);
          expect(await failure(keys.sessionKey(context, recording)), `byte ${place}`).to.be.instanceOf(
            KeysUnavailable,
          );
        }
        await writeFile(fileOf(recording, context), '');
        expect(await failure(keys.sessionKey(context, recording))).to.be.instanceOf(KeysUnavailable);
      });

      it('are gone for ever once they are destroyed, and not while their folder is away', async () => {
        const [context, recording] = [newContext(), newRecording()];
        const key = await keys.createSessionKey(context, recording);
        const sessions = join(directory, 'keys', 'recordings');
        await rename(sessions, `${sessions}.away`);
        expect(await failure(keys.sessionKey(context, recording))).to.be.instanceOf(KeysUnavailable);
        await rename(`${sessions}.away`, sessions);
        expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
        await keys.destroySessionKey(recording);
        await keys.destroySessionKey(recording);
        expect(await failure(keys.sessionKey(context, recording))).to.include({ code: 'erased' });
        expect(await readdir(sessions)).not.to.include(recording);
      });
    });
  }

  describe('of an organization that is erased', () => {
    /** An organization with two recordings, and another one. */
    async function stage(keys: Keys) {
      const [context, others] = [newContext(), newContext()];
      const recordings = [newRecording(), newRecording()];
      for (const recording of recordings) await keys.createSessionKey(context, recording);
      const theirs = newRecording();
      const theirKey = await keys.createSessionKey(others, theirs);
      return { context, recordings, others, theirs, theirKey };
    }

    it('do not open any more, not even from a copy, and nobody else’s are touched: local, Vault', async () => {
      for (const name of ['local', 'vault'] as const) {
        const keys = await open(settings[name]());
        const { context, recordings, others, theirs, theirKey } = await stage(keys);
        const { organizationId: id } = context;
        const keyId = name === 'local' ? id : `transit/cratersync-${id}`;
        // Done again, it is as done.
        for (let time = 0; time < 2; time += 1) {
          const done = await keys.destroyOrganizationKey(id);
          expect(done.filter(({ provider }) => provider === name)).to.deep.equal([
            { provider: name, keyId, outcome: 'destroyed' },
          ]);
        }
        // The files of the session keys lie there, as they would in a copy of before.
        for (const recording of recordings) {
          expect(await readdir(join(directory, 'keys', 'recordings'))).to.include(recording);
          const error = await failure(keys.sessionKey(context, recording));
          expect(error.message).to.match(name === 'local' ? /was erased/ : /no key for this organization/);
        }
        expect((await readdir(join(directory, 'keys', 'organizations'))).join()).not.to.contain(id);
        expect(vault.keys.has(`cratersync-${id}`)).to.equal(false);
        expect(await keys.sessionKey(others, theirs)).to.deep.equal(theirKey);
      }
    });

    it('stay locked by a key that is others’ too, and that is said', async () => {
      const keys = await open(settings['aws-kms']());
      const { context, others, theirs, theirKey } = await stage(keys);
      expect(await keys.destroyOrganizationKey(context.organizationId)).to.deep.equal([
        { provider: 'aws-kms', keyId: kms.keyId, outcome: 'shared' },
      ]);
      expect(await keys.sessionKey(others, theirs)).to.deep.equal(theirKey);
    });

    it('are not called destroyed while what holds their key is away', async () => {
      const id = newContext().organizationId;
      const keys = await open(settings.vault());
      await keys.createSessionKey(newContext({ organizationId: id }), newRecording());
      vault.sealed = true;
      expect((await failure(keys.destroyOrganizationKey(id))).message).to.match(/sealed/);
      vault.sealed = false;
      const local = await open();
      const organizations = join(directory, 'keys', 'organizations');
      await rename(organizations, `${organizations}.away`);
      expect(await failure(local.destroyOrganizationKey(id))).to.be.instanceOf(KeysUnavailable);
    });
  });

  /** Each service, how it comes to refuse, what is said then, and how it comes back. */
  const faults: [string, 'vault' | 'aws-kms', () => object, RegExp, () => object][] = [
    [
      'a disabled key',
      'aws-kms',
      () => set(kms, { state: 'Disabled' }),
      /is disabled. Enable it/,
      () => set(kms, { state: 'Enabled' }),
    ],
    [
      'a key that is to be deleted',
      'aws-kms',
      () => set(kms, { state: 'PendingDeletion' }),
      /deletion/,
      () => set(kms, { state: 'Enabled' }),
    ],
    [
      'a sealed server',
      'vault',
      () => set(vault, { sealed: true }),
      /sealed/,
      () => set(vault, { sealed: false }),
    ],
    [
      'a token that has expired',
      'vault',
      () => set(vault, { token: 'another' }),
      /does not let us.*VAULT_TOKEN/,
      () => set(vault, { token: 'hvs.a-token-for-tests' }),
    ],
    [
      'a lasting throttle',
      'vault',
      () => set(vault, { throttled: 99 }),
      /more requests/,
      () => set(vault, { throttled: 0 }),
    ],
    [
      'a lasting throttle',
      'aws-kms',
      () => set(kms, { throttled: 99 }),
      /more requests/,
      () => set(kms, { throttled: 0 }),
    ],
  ];
  const set = <T extends KeyServer>(server: T, change: Partial<T>): object => Object.assign(server, change);
  for (const [what, name, breaks, says, mends] of faults) {
    it(`${what} (${name}) is told plainly, and all is well when it is over`, async () => {
      const keys = await open(settings[name]());
      const [context, recording] = [newContext(), newRecording()];
      const key = await keys.createSessionKey(context, recording);
      breaks();
      for (const work of [
        () => keys.sessionKey(context, recording),
        () => keys.createSessionKey(newContext(), newRecording()),
        () => keys.check(newContext()),
      ]) {
        const error = await failure(work());
        expect(error).to.be.instanceOf(KeysUnavailable);
        expect(error.message).to.match(says);
      }
      mends();
      expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
    });
  }

  for (const name of ['vault', 'aws-kms'] as const) {
    const server = (): KeyServer => (name === 'vault' ? vault : kms);
    it(`asks ${name} again when it is throttled for a moment`, async () => {
      const keys = await open(settings[name]());
      server().throttled = 2;
      expect(await keys.createSessionKey(newContext(), newRecording())).to.have.lengthOf(32);
    });

    it(`says that ${name} does not answer when it is not there, or only listens`, async () => {
      const impatient = { vault: impatientVault, 'aws-kms': impatientKms }[name]();
      const providers = {
        active: name,
        all: { [name]: impatient },
        kms: new Kms({ endpoint: kms.url, timeoutMs: 200 }),
      };
      const keys = await SessionKeys.open(join(directory, 'keys'), providers);
      const [context, recording] = [newContext(), newRecording()];
      await keys.createSessionKey(context, recording);
      server().hangs = true;
      const error = await failure(keys.sessionKey(context, recording));
      expect(error).to.be.instanceOf(KeysUnavailable);
      expect(error.message).to.match(/does not answer/);
      server().hangs = false;
      await server().close();
      expect((await failure(keys.sessionKey(context, recording))).message).to.match(/does not answer/);
      await server().listen();
    });
  }

  it('that were locked by one provider open when another locks what is new', async () => {
    const [context, recordings] = [newContext(), [newRecording(), newRecording(), newRecording()] as const];
    const made: Buffer[] = [];
    const all = { ...settings.vault(), ...settings['aws-kms']() };
    for (const [i, name] of (['local', 'vault', 'aws-kms'] as const).entries()) {
      const keys = await open({ ...all, KEY_PROVIDER: name });
      made.push(await keys.createSessionKey(context, recordings[i] ?? newRecording()));
    }
    const keys = await open({ ...all, KEY_PROVIDER: 'vault' });
    for (const [i, recording] of recordings.entries())
      expect(await keys.sessionKey(context, recording)).to.deep.equal(made[i]);
    const withoutVault = await open(settings['aws-kms']());
    const error = await failure(withoutVault.sessionKey(context, recordings[1]));
    expect(error.message).to.match(/locked by vault, which is not set up/);
  });

  it('need no master key where a service locks them', async () => {
    const keys = await open(settings.vault());
    await keys.createSessionKey(newContext(), newRecording());
    expect(await readdir(directory)).to.deep.equal(['keys']);
  });

  it('are told what to set when the provider that locks them is not set up', async () => {
    expect((await failure(open({ KEY_PROVIDER: 'vault' }))).message).to.contain('set VAULT_ADDR');
    expect((await failure(open({ KEY_PROVIDER: 'aws-kms' }))).message).to.contain('AWS_KMS_KEY_ID');
  });

  it('take a token from a file that is renewed', async () => {
    const file = join(directory, 'token');
    await writeFile(file, `${vault.token}\n`);
    const keys = await open({ KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN_FILE: file });
    const [context, recording] = [newContext(), newRecording()];
    const key = await keys.createSessionKey(context, recording);
    vault.token = 'hvs.renewed';
    await writeFile(file, vault.token);
    expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
  });

  it('are lost with an organization’s key: locally they count as erased, and Vault is named as what to look at', async () => {
    const [context, recording, remote] = [newContext(), newRecording(), newRecording()];
    const local = await open();
    await local.createSessionKey(context, recording);
    const copy = join(directory, 'copy');
    const folder = join(directory, 'keys', 'organizations', `${context.organizationId}.keys`);
    await cp(folder, copy, { recursive: true });
    await rm(folder, { recursive: true });
    expect(await failure(local.sessionKey(context, recording))).to.include({ code: 'erased' });
    await cp(copy, folder, { recursive: true });
    const keys = await open(settings.vault());
    await keys.createSessionKey(context, remote);
    vault.keys.clear();
    expect((await failure(keys.sessionKey(context, remote))).message).to.match(
      /has no key for this organization/,
    );
  });
});
