import { expect } from 'chai';
import { Rig, type Session } from './rig.ts';
import { forSeeds, type Random } from './seeds.ts';

/** Stems are rendered and listened to after so many scenarios: most of the time would go there. */
const STEMS_EVERY = 8;

/** Something that happens in a recording, all the time. */
async function happen(rig: Rig, session: Session, random: Random): Promise<void> {
  const person = session.people[random.int(0, session.people.length - 1)];
  const action = random.int(0, 9);
  if (session.people.length < 4 && (person === undefined || action === 0)) {
    await rig.join(session, random.chance(0.7) ? 'mic' : 'camera');
  } else if (person === undefined || person.gone) {
    return;
  } else if (action <= 3) {
    if (person.truth.state === 'muted') await rig.mute(session, person, false);
    else if (person.truth.state === 'sending') await rig.mute(session, person, true);
  } else if (action === 4 && session.people.length > 1) {
    await rig.leave(session, person);
  }
}

/** The store is slow, refuses, and loses acknowledgements. */
function troubleStore(rig: Rig, random: Random): void {
  const refusals = random.pick([0, 0, 0.1, 0.3]);
  rig.store.beforePut = () => {
    if (random.chance(refusals)) throw new Error('the store refuses');
  };
  rig.store.afterPut = () => {
    if (random.chance(refusals / 2)) throw new Error('connection reset');
  };
}

async function recordWithCrashes(random: Random, seed: number): Promise<void> {
  const rig = await Rig.start();
  try {
    troubleStore(rig, random);
    const sessions = [await rig.openAtLast()];
    if (random.chance(0.4)) sessions.push(await rig.openAtLast());
    for (let crashes = random.int(1, 3); ; crashes -= 1) {
      if (crashes > 0 && random.chance(0.6)) rig.life.disk.doom(random.int(1, 60), random.chance(0.5));
      for (let turns = random.int(2, 12); turns > 0 && rig.running; turns -= 1) {
        for (const session of sessions) if (rig.running) await happen(rig, session, random);
        await rig.pass(10 * random.int(2, 60));
      }
      if (crashes === 0) break;
      await rig.crash(random);
      if (random.chance(0.3)) rig.clock.stepWall(random.pick([-3_600_000, 3_600_000]));
      rig.clock.advance(random.int(50, 20_000));
      await rig.launch();
      await rig.reopen();
    }
    await Promise.all(sessions.map(session => rig.finish(session)));
    const stems = seed % STEMS_EVERY === 0;
    for (const session of sessions) await rig.check(session, { stems });
    expect(await rig.leftovers()).to.deep.equal([]);
  } finally {
    await rig.end();
  }
}

describe('a recorder that is killed', () => {
  it('loses at most the last 250 ms before each time it was down, and says so', async () => {
    // Each kills it twice on average.
    await forSeeds(130, recordWithCrashes);
  }).timeout(3_600_000);
});
