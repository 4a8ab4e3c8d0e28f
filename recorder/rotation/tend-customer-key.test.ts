import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customerKeys, inOrganization } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { createLog } from '@cratersync/infra/runtime';
import {
  type CustomerKey,
  customerKey,
  recordingId as recordingIdSchema,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { CustomerKeyRefused, openKeys, type SessionKeys } from '../keys/index.ts';
import { expectToOpen, type Kept, keepKeys } from './fixtures/kept-keys.ts';
import { censusOf, rotateOrganizations, type TendOptions, tendCustomerKey } from './index.ts';

const roleArn = 'arn:aws:iam::444455556666:role/cratersync';
const COUNT = 4;

describe('a key that an organization has brought', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let directory: string;
  let kms: KmsServer;
  let keys: SessionKeys;
  let kept: Kept[];
  let theirs: CustomerKey;
  useKmsCredentials();
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    tenant = await createTenant(database);
    await database.owner.query('DELETE FROM app.customer_keys');
    directory = await mkdtemp(join(tmpdir(), 'cratersync-customer-'));
    kms = await KmsServer.start();
    kms.roles.set(roleArn, tenant.organizationId);
    theirs = { keyArn: kms.addKey(roleArn), roleArn };
    keys = await open();
    kept = await keepKeys(database, keys, tenant, COUNT);
  });
  afterEach(async () => {
    await Promise.all([kms.close(), rm(directory, { recursive: true, force: true })]);
  });

  // The installation's own keys are files: only what organizations bring is in AWS.
  const open = () => openKeys({ DATA_DIR: directory, AWS_KMS_ENDPOINT: kms.url, AWS_STS_ENDPOINT: kms.url });
  const scoped = <T>(work: Parameters<typeof inOrganization<T>>[2]) =>
    inOrganization(database.app, tenant.organizationId, work);
  const want = (key: CustomerKey = theirs) => scoped(tx => customerKeys.want(tx, key));
  const tend = (change: Partial<TendOptions> = {}) =>
    tendCustomerKey(
      { db: database.worker, keys, log: createLog('test', 'silent'), settleMs: 0, ...change },
      tenant.organizationId,
    );
  const state = async () => {
    const found = await scoped(customerKeys.state);
    if (found === null) throw new Error('no key was brought');
    return found;
  };
  const lockedBy = async () => [...new Set((await censusOf(keys)).map(each => each.lockedBy))];
  const setState = (state: 'Disabled' | 'PendingDeletion'): void => {
    kms.key(theirs.keyArn).state = state;
  };
  const label = () => `the organization’s own, ${theirs.keyArn} as ${roleArn}`;
  /** The first pass locks, the second sees that nothing is left. */
  const settle = async () => {
    await tend();
    await tend();
  };

  it('is tried, then locks what is new, and what was there; and gives all back', async () => {
    await want();
    expect(await state()).to.deep.include({ inUse: null, wanted: theirs, refused: null });
    await settle();
    expect(await state()).to.deep.include({
      inUse: theirs,
      wanted: null,
      trouble: null,
      total: COUNT + 2,
      done: COUNT + 2,
    });
    expect((await state()).finishedAt).to.be.instanceOf(Date);
    expect(await lockedBy()).to.deep.equal([label()]);
    await expectToOpen(await open(), kept);
    const more = await keepKeys(database, keys, tenant, 1, theirs);
    await expectToOpen(keys, more);
    expect(await lockedBy()).to.deep.equal([label()]);
    // Rotating what organizations have here does not take it from them.
    await rotateOrganizations({ db: database.worker, keys }, [tenant.organizationId]);
    expect(await lockedBy()).to.deep.equal([label()]);
    await scoped(customerKeys.stop);
    await settle();
    expect(await state()).to.deep.include({ inUse: null, trouble: null });
    expect(await lockedBy()).to.deep.equal(['local, version 2']);
    kms.key(theirs.keyArn).state = 'PendingDeletion';
    await expectToOpen(keys, [...kept, ...more]);
  });

  it('may be replaced by another one, also as who we are', async () => {
    await want();
    await settle();
    const second = { keyArn: kms.addKey(), roleArn: null };
    await want(second);
    await settle();
    expect(await lockedBy()).to.deep.equal([`the organization’s own, ${second.keyArn}`]);
    kms.key(theirs.keyArn).state = 'Disabled';
    await expectToOpen(keys, kept);
  });

  const refusals: [string, () => unknown, RegExp][] = [
    [
      'does not exist',
      () => ({ ...theirs, keyArn: theirs.keyArn.replace(/.{4}$/, '0000') }),
      /does not exist/,
    ],
    ['is disabled', () => setState('Disabled'), /is disabled/],
    ['is to be deleted', () => setState('PendingDeletion'), /deletion is scheduled/],
    ['does not let us', () => void kms.key(theirs.keyArn).allowed.clear(), /does not let us encrypt/],
    [
      'has a role that we may not assume',
      () => void kms.roles.clear(),
      /assume the role .*external id [0-9a-f-]{36}/,
    ],
    [
      'is one that another organization has let us use',
      () => void kms.roles.set(roleArn, randomUUID()),
      /assume the role/,
    ],
    ['does not answer', () => void Object.assign(kms, { throttled: 1e6 }), /more requests/],
  ];
  for (const [what, breaks, says] of refusals) {
    it(`is not used when it ${what}, and is when that is mended`, async () => {
      const wanted = customerKey.catch(theirs).parse(breaks());
      await want(wanted);
      await tend();
      expect(await state()).to.deep.include({ inUse: null, wanted });
      expect((await state()).refused).to.match(says);
      expect(await lockedBy()).to.deep.equal(['local, version 1']);
      kms.throttled = 0;
      kms.roles.set(roleArn, tenant.organizationId);
      Object.assign(kms.key(theirs.keyArn), { state: 'Enabled', allowed: new Set([roleArn]) });
      await want();
      await settle();
      expect(await state()).to.deep.include({ inUse: theirs, wanted: null, refused: null });
      await expectToOpen(keys, kept);
    }).timeout(20_000);
  }

  it('is told of when it lets us no more, and nothing is lost when it does again', async () => {
    await want();
    await settle();
    const { context, recordingId } = kept[0] ?? fail();
    const losses: [() => void, RegExp][] = [
      [() => Object.assign(kms.key(theirs.keyArn), { state: 'Disabled' }), /is disabled. Enable it again/],
      [() => Object.assign(kms.key(theirs.keyArn), { state: 'PendingDeletion' }), /Cancel that/],
      [() => kms.key(theirs.keyArn).allowed.clear(), /does not let us/],
    ];
    for (const [loses, says] of losses) {
      loses();
      await tend();
      const { trouble, troubleSince } = await state();
      expect(trouble).to.match(says);
      await tend();
      expect((await state()).troubleSince).to.deep.equal(troubleSince);
      for (const work of [
        () => keys.sessionKey(context, recordingId),
        () => keys.createSessionKey(context, recordingIdSchema.parse(randomUUID()), theirs),
        () => keys.check(context, theirs),
      ]) {
        const error = await work().then(fail, (thrown: Error) => thrown);
        expect(error).to.be.instanceOf(CustomerKeyRefused);
        expect(error.message).to.match(says);
      }
      Object.assign(kms.key(theirs.keyArn), { state: 'Enabled', allowed: new Set([roleArn]) });
      await tend();
      expect(await state()).to.include({ trouble: null, troubleSince: null });
      await expectToOpen(keys, kept);
    }
  });

  it('that refuses in the midst of it is not called done, in both directions', async () => {
    await want();
    const breaking = breaksAt(2, () => setState('Disabled'));
    await tend({ keys: breaking });
    await tend();
    expect((await state()).trouble).to.match(/is disabled/);
    expect((await state()).finishedAt).to.equal(null);
    kms.key(theirs.keyArn).state = 'Enabled';
    await settle();
    expect((await state()).finishedAt).to.be.instanceOf(Date);
    expect(await lockedBy()).to.deep.equal([label()]);
    await scoped(customerKeys.stop);
    kms.key(theirs.keyArn).state = 'Disabled';
    await settle();
    expect((await state()).trouble).to.match(/is disabled/);
    expect((await state()).finishedAt).to.equal(null);
    kms.key(theirs.keyArn).state = 'Enabled';
    await settle();
    expect(await lockedBy()).to.deep.equal(['local, version 1']);
    await expectToOpen(keys, kept);
  });

  function breaksAt(count: number, breaks: () => void): SessionKeys {
    let steps = 0;
    return new Proxy(keys, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'rewrap' || name === 'check') {
            steps += 1;
            if (steps === count) breaks();
          }
          return value.apply(target, args);
        };
      },
    });
  }

  it('goes on after a kill at every step', async () => {
    const steps = await killedAtEveryStep(
      async mortal => {
        await want();
        await tend({ keys: mortal(keys), db: mortal(database.worker) });
      },
      async death => {
        await expectToOpen(keys, kept);
        await settle();
        expect(await state(), `death ${death}`).to.deep.include({ inUse: theirs, trouble: null });
        expect(await lockedBy()).to.deep.equal([label()]);
        await scoped(customerKeys.stop);
        await settle();
        expect(await lockedBy()).to.deep.equal(['local, version 1']);
        await expectToOpen(keys, kept);
      },
    );
    // The trial, then each recording that the database knows.
    expect(steps).to.be.greaterThan(COUNT + 3);
  });

  it('waits until what was about to begin has its session key', async () => {
    await want();
    await tend({ settleMs: 60_000 });
    await tend({ settleMs: 60_000 });
    expect((await state()).finishedAt).to.equal(null);
    // A recorder that was told before the change makes one now.
    const late = await keepKeys(database, keys, tenant, 1);
    await settle();
    expect(await lockedBy()).to.deep.equal([label()]);
    await expectToOpen(keys, [...kept, ...late]);
  });

  it('has itself looked at again, at once where somebody entered another one', async () => {
    const queued = async () => {
      const { rows } = await database.owner.query(
        `SELECT extract(epoch FROM run_at - now())::float8 AS seconds FROM graphile_worker.jobs
         WHERE task_identifier = 'tend-customer-key:ca' AND key LIKE '%' || $1 || '%'`,
        [tenant.organizationId],
      );
      return rows[0]?.seconds as number;
    };
    await want();
    expect(await queued()).to.be.at.most(0);
    await settle();
    await tend();
    expect(await queued()).to.be.within(500, 601);
    const second = { keyArn: kms.addKey(roleArn), roleArn };
    // In the midst of a look at the first one.
    const entering: Promise<void>[] = [];
    await tend({ keys: breaksAt(1, () => void entering.push(want(second))) });
    await Promise.all(entering);
    await tend();
    expect(await state()).to.deep.include({ inUse: second });
  });
});

function fail(): never {
  throw new Error('that should not have been');
}
