import type { RecordingId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { NodeScene, newIds } from './fixtures/node-scene.ts';
import { TICK_MS } from './recorder-node.ts';

describe('a recording that changes hands', () => {
  let first: NodeScene;
  let second: NodeScene;
  const ids = newIds();
  const { recordingId } = ids;

  beforeEach(async () => {
    first = await NodeScene.open({ nodeId: 'recorder-1' });
    // Another machine: a disk of its own, but the same store, keys and time.
    second = await NodeScene.open({ nodeId: 'recorder-2' }, first);
    await first.node.handlers['recording.open'](ids);
  });
  afterEach(async () => {
    await second.close();
    await first.close();
  });

  const takeOver = (scene: NodeScene, after: number, elapsedMs: number) =>
    Promise.resolve(
      scene.node.handlers['recording.take-over']({
        ...ids,
        startedAtMs: first.clock.wallMs() - elapsedMs,
        elapsedMs,
        after,
      }),
    );
  const stop = async (scene: NodeScene, id: RecordingId = recordingId) => {
    await scene.node.handlers['recording.close']({ recordingId: id });
  };
  const listed = () => [...first.store.objects.keys()].filter(key => key.includes('/tracks/')).sort();

  it('has one manifest, with the tracks of both recorders', async () => {
    const before = await first.openTrack(recordingId, 'mic');
    await first.pass(3000, before);
    expect(await takeOver(second, 1, 3000)).to.deep.equal({ holder: 2 });
    await first.node.handlers['recording.yield']({ recordingId });
    const after = await second.openTrack(recordingId, 'mic');
    await second.pass(2000, after);
    await stop(second);
    await second.signaling.until('recording.finalized');
    const { tracks, durationUs } = second.manifestOf(recordingId);
    expect(durationUs).to.equal(5_000_000);
    expect(tracks.map(({ trackId }) => trackId)).to.deep.equal([before.trackId, after.trackId]);
    expect(tracks.map(({ participantId }) => participantId)).to.deep.equal([
      before.participantId,
      after.participantId,
    ]);
    expect(tracks.map(({ counters }) => counters.packetsReceived)).to.deep.equal([150, 100]);
    expect(tracks[0]?.gaps).to.deep.equal([{ startUs: 3_000_000, endUs: 5_000_000, cause: 'left' }]);
    expect(tracks[1]?.gaps).to.deep.equal([{ startUs: 0, endUs: 3_000_000, cause: 'late' }]);
    expect(tracks.flatMap(({ chunks }) => chunks.map(({ key }) => key)).sort()).to.deep.equal(listed());
    expect(first.signaling.named('recording.finalized')).to.deep.equal([]);
    expect(first.journal.catalogue.recordings.size).to.equal(0);
  });

  it('cannot be ended by a recorder that was relieved without hearing of it', async () => {
    const before = await first.openTrack(recordingId, 'mic');
    await first.pass(1000, before);
    await takeOver(second, 1, 1000);
    const after = await second.openTrack(recordingId, 'mic');
    await second.pass(1000, after);
    // As an operator's SIGTERM would.
    await stop(first);
    await first.store.until(() =>
      first.store.objects.has(`recordings/${recordingId}/holders/00000001-yielded`),
    );
    expect(first.store.objects.has(`recordings/${recordingId}/manifest`)).to.equal(false);
    await stop(second);
    await second.signaling.until('recording.finalized');
    expect(
      second.manifestOf(recordingId).tracks.map(({ counters }) => counters.packetsReceived),
    ).to.deep.equal([50, 50]);
  });

  it('goes to one of two that want it, and to nobody once it is being ended', async () => {
    const third = await NodeScene.open({ nodeId: 'recorder-3' }, first);
    const outcomes = await Promise.allSettled([takeOver(second, 1, 0), takeOver(third, 1, 0)]);
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    const winner = outcomes[0]?.status === 'fulfilled' ? second : third;
    const loser = winner === second ? third : second;
    await first.node.handlers['recording.yield']({ recordingId });
    await stop(winner);
    await winner.signaling.until('recording.finalized');
    const late = await takeOver(loser, 2, 0).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(late).to.match(/Another recorder has this recording, or it has been stopped/);
    await third.close();
  });

  it('is ended without the last words of a recorder that does not come back, and says from where', async () => {
    const before = await first.openTrack(recordingId, 'mic');
    const startUs = first.clock.nowUs();
    await first.pass(12_000, before);
    // The disk and the store have a time of their own.
    while (listed().length === 0) await first.pass(100, before);
    await takeOver(second, 1, (first.clock.nowUs() - startUs) / 1000);
    const after = await second.openTrack(recordingId, 'mic');
    await second.pass(1000, after);
    await stop(second);
    await second.store.until(() => second.store.objects.has(`recordings/${recordingId}/holders/00000003`));
    // It is patient for ten minutes from when it begins to wait, which is about now.
    while (second.signaling.named('recording.finalized').length === 0) {
      second.clock.advance(60_000);
      await second.pass(TICK_MS);
    }
    const { tracks, durationUs } = second.manifestOf(recordingId);
    const [gap] = tracks[0]?.gaps ?? [];
    expect(gap?.cause).to.equal('recorder-restarted');
    expect((gap?.startUs ?? 0) / 1e6).to.be.within(9.8, 10.1);
    expect(gap?.endUs).to.equal(durationUs);
    expect(tracks[1]?.counters.packetsReceived).to.equal(50);
  });
});
