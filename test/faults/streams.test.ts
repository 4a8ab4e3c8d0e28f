import { rebuildTracks } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { Rig, type Session } from './rig.ts';
import { Random } from './seeds.ts';

// Every voice of these tests wraps: its sequence numbers within a second, its timestamps within two.
describe('streams that change under a recorder', () => {
  let rig: Rig;
  let session: Session;
  beforeEach(async () => {
    rig = await Rig.start();
    session = await rig.open();
  });
  afterEach(() => rig.end());

  it('stay one stem that lines up when the SSRC changes, while others just talk', async () => {
    await rig.join(session, 'mic');
    const moving = await rig.join(session, 'mic');
    await rig.pass(4000);
    await rig.remakeTap(session, moving);
    await rig.pass(4000);
    await rig.mute(session, moving, true);
    await rig.remakeTap(session, moving);
    await rig.pass(1500);
    await rig.mute(session, moving, false);
    await rig.pass(4000);
    await rig.finish(session);
    const { manifest } = await rig.check(session);
    expect(manifest.durationUs).to.equal(13_500_000);
    expect(manifest.tracks[1]?.streams).to.have.length(3);
    expect(manifest.tracks.map(({ gaps }) => gaps.map(({ cause }) => cause))).to.deep.equal([[], ['muted']]);
  });

  it('line up again after 21,000 packets in a row were lost, and that is one gap', async () => {
    await rig.join(session, 'mic');
    const lossy = await rig.join(session, 'mic');
    await rig.pass(4000);
    lossy.cut = true;
    await rig.pass(420_000);
    lossy.cut = false;
    await rig.pass(4000);
    await rig.finish(session);
    const { manifest } = await rig.check(session);
    expect(manifest.durationUs).to.equal(428_000_000);
    const [, track] = manifest.tracks;
    expect(track?.counters.packetsLost).to.equal(21_000);
    expect(track?.gaps.map(({ cause }) => cause)).to.deep.equal(['network-loss']);
  }).timeout(120_000);
});

describe('packets that were still awaited', () => {
  let rig: Rig;
  let session: Session;
  beforeEach(async () => {
    rig = await Rig.start();
    session = await rig.open();
  });
  afterEach(() => rig.end());

  it('when the recorder was killed are a gap of network loss, also in what the chunks alone tell', async () => {
    const person = await rig.join(session, 'mic');
    await rig.pass(3000);
    person.cut = true;
    await rig.pass(300);
    person.cut = false;
    await rig.pass(1000);
    await rig.crash(new Random(1));
    rig.clock.advance(500);
    await rig.launch();
    await rig.reopen();
    await rig.pass(1000);
    await rig.finish(session);
    const { manifest } = await rig.check(session);
    const [track] = manifest.tracks;
    expect(track?.gaps.map(({ cause }) => cause)).to.deep.equal(['network-loss', 'recorder-restarted']);
    expect(track?.counters.packetsLost).to.equal(15);
    const { recordingId } = session;
    const sessionKey = rig.keys.keys.get(recordingId) ?? Buffer.alloc(0);
    const { tracks } = await rebuildTracks({ store: rig.store, sessionKey, recordingId });
    const told = tracks[0]?.ledger.finish(manifest.durationUs).gaps.map(({ cause }) => cause);
    expect(told).to.include('network-loss');
  });
});

describe('two recorders that both believe to have a recording', () => {
  it('seal nothing twice; one of them ends it, with all that both have, and one stem a person', async () => {
    const first = await Rig.start();
    const second = await Rig.start({ beside: first });
    try {
      const session = await first.open();
      const before = await first.join(session, 'mic');
      await first.join(session, 'mic');
      await first.pass(4000, second);
      // Nobody tells the first one: what it receives goes on for a while.
      const taken = await second.takeOver(session);
      for (const { participantId } of [...session.people]) await second.join(taken, 'mic', participantId);
      await first.pass(4000, second);
      await first.life.node.handlers['recording.close']({ recordingId: session.recordingId });
      for (const { truth } of session.people) truth.became('left', first.at(session));
      for (const person of session.people) person.gone = true;
      await second.pass(4000, first);
      await second.finish(taken);
      const { manifest } = await second.check(taken, { earlier: session });
      expect(
        manifest.tracks.map(({ participantId }) => participantId).filter(id => id === before.participantId),
      ).to.have.length(2);
      const keys = [...first.store.objects.keys()];
      const chunks = manifest.tracks.flatMap(track => track.chunks.map(({ key }) => key));
      expect(keys.filter(key => key.includes('/tracks/'))).to.have.members(chunks);
      expect(keys.filter(key => key.endsWith('/manifest'))).to.have.length(1);
      expect(first.reports.some(({ name }) => name === 'recording.finalized')).to.equal(false);
      expect(await first.leftovers()).to.deep.equal([]);
      expect(await second.leftovers()).to.deep.equal([]);
    } finally {
      await second.end();
      await first.end();
    }
  }).timeout(60_000);
});
