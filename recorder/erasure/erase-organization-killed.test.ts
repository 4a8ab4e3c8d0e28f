import { expect } from 'chai';
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
    for (let death = 0; ; death += 1) {
      await scene.deleteIt();
      await scene.setDue('-1 s');
      const died = await dying(death);
      await Promise.all([scene.eraseWholly(), scene.eraseWholly()]);
      expect([await scene.reads(), await scene.objects()], `death ${death}`).to.deep.equal([
        ['erased', 'erased'],
        OBJECTS,
      ]);
      expect(await scene.rows(), `death ${death}`).to.deep.equal(gone);
      const told = openReceipt((await scene.row())?.receipt ?? '', signer.publicKey);
      expect(told, `death ${death}`).to.include({
        objects: OBJECTS * 2 + 1,
        recordings: 3,
      });
      const erased = await scene.column(
        `SELECT FROM app.audit_tombstones WHERE action = 'organization.erased'`,
      );
      const letters = await scene.column(`SELECT FROM graphile_worker._private_jobs j
        JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'send-letter'`);
      expect([erased.length, letters.length], `death ${death}`).to.deep.equal([death + 1, death + 1]);
      if (!died) {
        expect(death).to.be.greaterThan(30);
        break;
      }
      await scene.stage();
    }
  }).timeout(120_000);

  /** Erases until what it calls has been called `left` times, and dies there. @returns false when it came to its end */
  async function dying(left: number): Promise<boolean> {
    let dead = false;
    const step = () => {
      if (left === 0 || dead) {
        dead = true;
        throw new Error('killed');
      }
      left -= 1;
    };
    const mortal = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(object, name) {
          const value = Reflect.get(object, name) as unknown;
          if (typeof value !== 'function') return value;
          return (...parameters: unknown[]) => {
            // Before this step is after the one before.
            step();
            return value.apply(object, parameters) as unknown;
          };
        },
      });
    try {
      await scene.erase();
      const { pool } = scene.db.worker;
      await scene.erase({
        db: { ...scene.db.worker, pool: mortal(pool) },
        keys: mortal(scene.keys),
        store: mortal(scene.store),
        signer: mortal(signer),
      });
      return false;
    } catch (error) {
      expect(error).to.have.property('message', 'killed');
      return true;
    }
  }
});
