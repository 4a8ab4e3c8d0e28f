import { inOrganization, keeping, organizationDeletions } from '@cratersync/db';
import { expect } from 'chai';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { DAY_MS, ErasureScene, signer } from '../erasure/fixtures/erasure-scene.ts';
import { openReceipt } from '../erasure/receipt.ts';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { openKeys, type SessionKeys } from '../keys/index.ts';
import { tendOrganizationKey } from './index.ts';

describe('the key in AWS KMS of an organization that is to be deleted', () => {
  useKmsCredentials();
  let scene: ErasureScene;
  let kms: KmsServer;
  let keys: SessionKeys;
  beforeEach(async () => {
    kms = await KmsServer.start();
    const aws = {
      AWS_KMS_KEYS: 'organization',
      AWS_KMS_REGION: 'ca-central-1',
      AWS_KMS_ENDPOINT: kms.url,
    } as const;
    scene = await ErasureScene.open(2, {
      keys: async DATA_DIR => {
        keys = await openKeys({ DATA_DIR, KEY_PROVIDER: 'aws-kms', ...aws });
        return keys;
      },
    });
  });
  afterEach(async () => {
    await scene.close();
    await kms.close();
  });

  const tend = (tools = { db: scene.db.worker, keys }) =>
    tendOrganizationKey(tools, scene.tenant.organizationId);
  /** Queued since it was asked for last. */
  const queued = async () => {
    const jobs = await scene.column(
      `DELETE FROM graphile_worker._private_jobs j USING graphile_worker._private_tasks t
       WHERE t.id = j.task_id AND t.identifier = 'tend-organization-key:ca' RETURNING j.id`,
    );
    return jobs.length;
  };
  const deletedInDays = async () => {
    const at = (await scene.row())?.keyDeletedAfter;
    return at == null ? null : Math.round((at.getTime() - Date.now()) / DAY_MS);
  };
  const REFUSED = /deletion is scheduled/;
  const expectRefused = async () => {
    for (const read of await scene.reads()) expect(read).to.match(REFUSED);
  };
  const hold = { of: 'organization' } as const;

  it('is scheduled when that is asked for, and is as it was when that is undone', async () => {
    await scene.deleteIt();
    expect(await queued()).to.equal(1);
    await tend();
    expect(await deletedInDays()).to.equal(7);
    await expectRefused();
    expect(await scene.scoped(tx => organizationDeletions.undo(tx))).to.equal(true);
    expect(await queued()).to.equal(1);
    await tend();
    expect(await scene.reads()).to.deep.equal(['opens', 'opens']);
    await scene.deleteIt();
    await tend();
    expect(await deletedInDays()).to.equal(7);
  });

  it('is kept while something is held', async () => {
    await scene.deleteIt();
    await tend();
    await queued();
    await scene.scoped(tx => keeping.place(tx, hold, 'a lawsuit'));
    expect(await queued()).to.equal(1);
    await tend();
    expect([await deletedInDays(), await scene.reads()]).to.deep.equal([null, ['opens', 'opens']]);
    await scene.scoped(tx => keeping.release(tx, hold));
    expect(await queued()).to.equal(1);
    await tend();
    expect(await deletedInDays()).to.equal(7);
  });

  it('is named in the receipt with its day; behind that nothing is kept any more', async () => {
    await scene.deleteIt();
    await tend();
    const scheduled = await keys.scheduleOrganizationKey(scene.tenant.organizationId);
    await scene.db.owner.query(
      `UPDATE app.organization_deletions SET key_deleted_after = now() - interval '1 s'`,
    );
    expect(await scene.scoped(tx => organizationDeletions.undo(tx))).to.equal(false);
    await scene.setDue('-1 s');
    await scene.eraseWholly();
    await tend();
    const told = openReceipt((await scene.row())?.receipt ?? '', signer.publicKey);
    const deletedAfter = scheduled?.deletedAfter.toISOString();
    expect(told).to.deep.include({
      keys: [{ provider: 'aws-kms', keyId: scheduled?.keyId, outcome: 'scheduled', deletedAfter }],
    });
    const [others] = [scene.others];
    const open = inOrganization(scene.db.app, others.organizationId, async () =>
      keys.sessionKey(others, others.recordingId),
    );
    expect(await open).to.have.length(32);
  });

  it('ends the same when a worker is killed at any step of it', async () => {
    const steps = await killedAtEveryStep(
      async mortal => {
        const worker = { db: mortal(scene.db.worker), keys: mortal(keys) };
        await scene.deleteIt();
        await tend(worker);
        await scene.scoped(tx => organizationDeletions.undo(tx));
        await tend(worker);
      },
      async death => {
        await scene.deleteIt();
        await tend();
        expect(await deletedInDays(), `death ${death}`).to.equal(7);
        await expectRefused();
        await scene.scoped(tx => organizationDeletions.undo(tx));
        await tend();
        expect(await scene.reads(), `death ${death}`).to.deep.equal(['opens', 'opens']);
      },
    );
    expect(steps).to.be.greaterThan(3);
  });
});
