import { once } from 'node:events';
import { expect } from 'chai';
import { Rig } from './rig.ts';
import { forSeeds, type Random } from './seeds.ts';

const AT_ONCE = 100;

describe('a hundred recordings that end at once', () => {
  it('have one manifest each, whatever step the recorder is killed at', async () => {
    await forSeeds(1, endManyWithKills, 1);
  }).timeout(1_200_000);
});

async function endManyWithKills(random: Random): Promise<void> {
  const rig = await Rig.start();
  try {
    for (let i = 0; i < AT_ONCE; i += 1) {
      const session = await rig.open();
      if (i % 10 === 0) await rig.join(session, 'mic');
    }
    await rig.pass(400);
    // The store keeps what it has taken, and its answer gets lost now and then.
    let puts = 0;
    rig.store.afterPut = () => {
      puts += 1;
      if (puts % 7 === 0) throw new Error('connection reset');
    };
    const manifests = new Map<string, Buffer>();
    const sameAsBefore = () => {
      for (const [key, bytes] of rig.store.objects) {
        if (!key.endsWith('/manifest')) continue;
        const before = manifests.get(key) ?? bytes;
        expect(bytes.equals(before), `${key} was replaced`).to.equal(true);
        manifests.set(key, before);
      }
    };
    for (let step = 1; step <= 24; step += 1) {
      rig.life.disk.doom(step, step % 2 === 0);
      const announced = new Set(
        rig.life.node.announcement().recordings.map(({ recordingId }) => recordingId),
      );
      for (const { recordingId } of rig.sessions)
        if (announced.has(recordingId)) await rig.life.node.handlers['recording.close']({ recordingId });
      await Promise.race([rig.life.disk.death, rig.pass(600)]);
      await rig.crash(random);
      sameAsBefore();
      rig.clock.advance(200);
      await rig.launch();
    }
    for (const { recordingId } of rig.sessions) {
      const known = rig.life.node.announcement().recordings.some(each => each.recordingId === recordingId);
      if (known) await rig.life.node.handlers['recording.close']({ recordingId });
    }
    while (rig.life.node.announcement().recordings.length > 0) await once(rig, 'report');
    sameAsBefore();
    expect(manifests.size).to.equal(AT_ONCE);
    for (const session of rig.sessions) {
      expect(
        rig.reports.some(
          each => each.name === 'recording.finalized' && each.body.recordingId === session.recordingId,
        ),
      ).to.equal(true);
      // What was sent may have ended with the first kill; everything that is there must hold.
      if (session.people.length === 0) await rig.check(session);
    }
    expect(await rig.leftovers()).to.deep.equal([]);
  } finally {
    await rig.end();
  }
}
