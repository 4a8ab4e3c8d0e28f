import { expect } from 'chai';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { ErasureScene, OBJECTS, signer } from './fixtures/erasure-scene.ts';
import { openReceipt } from './receipt.ts';

describe('erasing an organization, killed', () => {
  let scene: ErasureScene;
  before(async () => {
    scene = await ErasureScene.open(2);
  });
  after(() => scene.close());
  const gone = { organizations: 1, organization_deletions: 1 };

  it('killed before or after any step, goes on and ends the same; two at once do it once', async () => {
    const { db, keys, store } = scene;
    const steps = await killedAtEveryStep(
      async mortal => {
        await scene.deleteIt();
        await scene.setDue('-1 s');
        await scene.erase();
        const worker = { db: mortal(db.worker), keys: mortal(keys), store: mortal(store) };
        await scene.erase({ ...worker, signer: mortal(signer) });
      },
      async death => {
        await Promise.all([scene.eraseWholly(), scene.eraseWholly()]);
        expect([await scene.reads(), await scene.objects()], `death ${death}`).to.deep.equal([
          ['erased', 'erased'],
          OBJECTS,
        ]);
        expect(await scene.rows(), `death ${death}`).to.deep.equal(gone);
        const told = openReceipt((await scene.row())?.receipt ?? '', signer.publicKey);
        expect(told, `death ${death}`).to.include({ objects: OBJECTS * 2 + 1, recordings: 3 });
        const erased = await scene.column(
          `SELECT FROM app.audit_tombstones WHERE action = 'organization.erased'`,
        );
        const letters = await scene.column(`SELECT FROM graphile_worker._private_jobs j
          JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'send-letter'`);
        expect([erased.length, letters.length], `death ${death}`).to.deep.equal([death + 1, death + 1]);
        await scene.stage();
      },
    );
    expect(steps).to.be.greaterThan(30);
  }).timeout(120_000);
});
