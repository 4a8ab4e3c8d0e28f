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

  const takeOver = (scene: NodeScene, after: number, elapsedMs: number, stoppedMs?: number) =>
    Promise.resolve(
      scene.node.handlers['recording.take-over']({
        ...ids,
        startedAtMs: first.clock.wallMs() - elapsedMs,
        elapsedMs,
        after,
        stoppedMs,
      }),
    );
  const stop = async (scene: NodeScene, id: RecordingId = recordingId) => {
    await scene.node.handlers['recording.close']({ recordingId: id });
  };
  const yieldedKey = (number: number) => `recordings/${recordingId}/holders/0000000${number}-yielded`;
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
    expect(gap?.startUs).to.equal(tracks[0]?.chunks.at(-1)?.endUs);
    expect(gap?.startUs).to.be.greaterThan(9_800_000);
    expect(gap?.endUs).to.equal(durationUs);
    expect(tracks[1]?.counters.packetsReceived).to.equal(50);
  });

  const mark = (number: number) =>
    first.store.objects.has(`recordings/${recordingId}/holders/0000000${number}`);
  const finishedBy = async (scene: NodeScene) => {
    // Patience is ten minutes from when it begins to wait, which is about now.
    while (scene.signaling.named('recording.finalized').length === 0) {
      scene.clock.advance(60_000);
      await scene.pass(TICK_MS);
    }
    const manifest = scene.manifestOf(recordingId);
    const [told] = scene.signaling.named('recording.finalized');
    const { durationUs, merkleRoot, tracks } = manifest;
    expect(told).to.deep.include({
      durationMs: durationUs / 1000,
      merkleRoot,
      tracks: tracks.map(({ trackId, participantId, source }) => ({ trackId, participantId, source })),
    });
    expect(scene.journal.catalogue.recordings.size).to.equal(0);
    return manifest;
  };

  /** Recorded for some seconds, with at least one chunk in the store. @returns session time, ms */
  async function recordedFor(ms: number, mic: Parameters<NodeScene['pass']>[1]): Promise<number> {
    const startUs = first.clock.nowUs();
    await first.pass(ms, mic);
    while (listed().length === 0) await first.pass(100, mic);
    return (first.clock.nowUs() - startUs) / 1000;
  }

  it('is ended by another recorder when its own is lost while it ends it', async () => {
    const mic = await first.openTrack(recordingId, 'mic');
    const stoppedMs = await recordedFor(12_000, mic);
    first.isLost = true;
    await stop(first);
    expect(await takeOver(second, 1, stoppedMs + 5000, stoppedMs)).to.deep.equal({ holder: 2 });
    await second.store.until(() => mark(3));
    const { tracks, durationUs } = await finishedBy(second);
    const stored = listed();
    expect(tracks).to.have.length(1);
    expect(tracks[0]?.chunks.map(({ key }) => key)).to.deep.equal(stored);
    expect(durationUs).to.equal(stoppedMs * 1000);
    const lostFromUs = tracks[0]?.chunks.at(-1)?.endUs;
    expect(tracks[0]?.gaps).to.deep.equal([
      { startUs: lostFromUs, endUs: durationUs, cause: 'recorder-restarted' },
    ]);
    // Back too late: what it has is brought to the store, and the manifest stays as it is.
    first.isLost = false;
    const before = first.store.objects.get(`recordings/${recordingId}/manifest`);
    await first.store.until(() => mark(1) && first.store.objects.has(yieldedKey(1)));
    expect(listed().length).to.be.greaterThan(stored.length);
    expect(first.store.objects.get(`recordings/${recordingId}/manifest`)).to.equal(before);
  });

  it('is whole when the recorder that was lost is back before the end is written', async () => {
    const mic = await first.openTrack(recordingId, 'mic');
    const stoppedMs = await recordedFor(12_000, mic);
    first.isLost = true;
    await stop(first);
    await takeOver(second, 1, stoppedMs + 5000, stoppedMs + 300);
    await second.store.until(() => mark(3));
    first.isLost = false;
    await first.store.until(() => first.store.objects.has(yieldedKey(1)));
    const { tracks, durationUs } = await finishedBy(second);
    expect(tracks[0]?.counters.packetsReceived).to.equal(Math.round(stoppedMs / 20));
    expect(tracks[0]?.gaps).to.deep.equal([]);
    // When it was stopped, the one who stopped it has written down.
    expect(durationUs).to.equal(stoppedMs * 1000);
    expect(first.signaling.named('recording.finalized')).to.deep.equal([]);
  });

  it('has one manifest when its recorder is lost between claiming the end and writing it', async () => {
    const mic = await first.openTrack(recordingId, 'mic');
    const stoppedMs = await recordedFor(12_000, mic);
    first.store.beforePut = key => {
      if (!key.endsWith('/manifest')) return;
      first.isLost = true;
      throw new Error('the machine is cut off');
    };
    await stop(first);
    while (!first.isLost) await first.pass(TICK_MS);
    first.store.beforePut = () => {};
    expect(await takeOver(second, 1, stoppedMs + 5000, stoppedMs)).to.deep.equal({ holder: 3 });
    await second.store.until(() => mark(4));
    const { tracks } = await finishedBy(second);
    expect(tracks[0]?.gaps).to.deep.equal([]);
    first.isLost = false;
    const [told] = await first.signaling.until('recording.finalized');
    expect(told).to.deep.equal(second.signaling.named('recording.finalized')[0]);
  });

  it('is ended by one recorder of several that are asked to', async () => {
    const mic = await first.openTrack(recordingId, 'mic');
    const stoppedMs = await recordedFor(12_000, mic);
    first.isLost = true;
    await stop(first);
    const third = await NodeScene.open({ nodeId: 'recorder-3' }, first);
    const asked = [second, third].map(scene => takeOver(scene, 1, stoppedMs, stoppedMs));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    first.isLost = false;
    await finishedBy(outcomes[0]?.status === 'fulfilled' ? second : third);
    await third.close();
  });
});
