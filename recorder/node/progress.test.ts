import type { RecordingId, Request, TrackHealth } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { recorderReports } from '../control.ts';
import { NodeScene, newIds } from './fixtures/node-scene.ts';

type Progressed = Request<typeof recorderReports, 'recordings.progressed'>['recordings'][number];

describe('how far a recording is safe', () => {
  let scene: NodeScene;
  let recordingId: RecordingId;
  let space = { freeBytes: 90, totalBytes: 100 };
  let load = 0;

  beforeEach(async () => {
    space = { freeBytes: 90, totalBytes: 100 };
    load = 0;
    scene = await NodeScene.open({ disk: async () => space, load: () => load, minFreeBytes: 8 });
    const ids = newIds();
    ({ recordingId } = ids);
    await scene.node.handlers['recording.open'](ids);
  });
  afterEach(() => scene.close());

  const latest = (): Progressed => {
    const report = scene.signaling.named('recordings.progressed').at(-1);
    const [recording] = (report?.['recordings'] ?? []) as Progressed[];
    if (recording === undefined) throw new Error('nothing has been reported');
    return recording;
  };
  const healths = (): TrackHealth[] => latest().tracks.map(({ health }) => health);

  it('is told twice a second: what is on disk, and behind it what the store has', async () => {
    const mic = await scene.openTrack(recordingId, 'mic');
    await scene.pass(9000, mic);
    expect(scene.signaling.named('recordings.progressed').length).to.be.within(15, 18);
    const [before] = latest().tracks;
    expect(before?.safeMs).to.be.lessThan(1000);
    // The disk and the store have a time of their own.
    while ((latest().tracks[0]?.onDiskMs ?? 0) < 7000) await scene.pass(500, mic);
    expect(latest().tracks[0]?.onDiskMs).to.be.at.most(latest().elapsedMs);
    await scene.pass(2000, mic);
    while ((latest().tracks[0]?.safeMs ?? 0) < 9000) await scene.pass(500, mic);
    expect(latest().tracks[0]?.health).to.equal('flowing');
  });

  it('says within two seconds that a track has stopped, and why', async () => {
    const mic = await scene.openTrack(recordingId, 'mic');
    const camera = await scene.openTrack(recordingId, 'camera');
    await scene.pass(2000, mic, camera);
    expect(healths()).to.deep.equal(['flowing', 'flowing']);
    await scene.pass(2000, mic);
    expect(healths()).to.deep.equal(['flowing', 'no-packets']);
    await scene.pass(1000, mic, camera);
    expect(healths()).to.deep.equal(['flowing', 'flowing']);
    await scene.node.handlers['track.hold']({ recordingId, trackId: mic.trackId, held: 'paused' });
    await scene.pass(1000, camera);
    expect(healths()).to.deep.equal(['paused', 'flowing']);
    expect(scene.node.announcement().recordings[0]?.paused).to.equal(true);
    await scene.node.handlers['track.hold']({ recordingId, trackId: mic.trackId, held: 'muted' });
    await scene.node.handlers['track.close']({ recordingId, trackId: camera.trackId, cause: 'left' });
    await scene.pass(1000);
    expect(healths()).to.deep.equal(['muted', 'gone']);
  });

  it('tells before a recording whether it would be taken, and for how long the disk would hold it', async () => {
    const { organizationId, sessionId } = newIds();
    const check = async (audio: number) =>
      scene.node.handlers['recording.check']({ organizationId, sessionId, expected: { audio, video: 0 } });
    space = { freeBytes: 8 + 3 * 57_600_000, totalBytes: 1e9 };
    expect(await check(1)).to.deep.equal({ diskHours: 3 });
    expect(await check(3)).to.deep.equal({ diskHours: 1 });
    expect(await check(0)).to.deep.equal({ diskHours: null });
    const reasonOf = async () =>
      check(1).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    load = 0.95;
    expect(await reasonOf()).to.match(/busy to 95 %/);
    load = 0;
    space = { freeBytes: 1, totalBytes: 100 };
    expect(await reasonOf()).to.match(/0 MiB are free/);
    expect(scene.node.announcement().recordings).to.have.length(1);
  });

  it('says that the store is away, and stands still until it is back', async () => {
    let away = true;
    scene.store.beforePut = () => {
      if (away) throw new Error('connection refused');
    };
    const mic = await scene.openTrack(recordingId, 'mic');
    await scene.pass(16_000, mic);
    while (healths()[0] !== 'store-away') await scene.pass(500, mic);
    expect(latest().tracks[0]?.safeMs).to.be.lessThan(100);
    away = false;
    while ((latest().tracks[0]?.safeMs ?? 0) < 9000 || healths()[0] !== 'flowing') await scene.pass(500, mic);
  });

  it('keeps sound when the disk is nearly full, drops pictures, and accounts for them', async () => {
    const mic = await scene.openTrack(recordingId, 'mic');
    const camera = await scene.openTrack(recordingId, 'camera');
    await scene.pass(2000, mic, camera);
    space = { freeBytes: 1, totalBytes: 100 };
    while (healths()[1] !== 'disk-nearly-full') await scene.pass(500, mic, camera);
    const [warning] = scene.signaling.named('recording.warned');
    expect(warning?.['message']).to.match(/nearly full.*Sound is still being recorded/);
    const fullMs = latest().elapsedMs;
    await scene.pass(3000, mic, camera);
    space = { freeBytes: 50, totalBytes: 100 };
    while (healths()[1] !== 'flowing') await scene.pass(500, mic, camera);
    await scene.pass(1000, mic, camera);
    await scene.node.handlers['recording.close']({ recordingId });
    await scene.signaling.until('recording.finalized');
    const { tracks, durationUs } = scene.manifestOf(recordingId);
    expect(tracks[0]?.gaps).to.deep.equal([]);
    expect(tracks[0]?.counters.packetsReceived).to.equal(durationUs / 20_000);
    const [gap] = tracks[1]?.gaps ?? [];
    expect(gap?.cause).to.equal('recorder-full');
    expect((gap?.startUs ?? 0) / 1000).to.be.within(2000, fullMs);
    expect(((gap?.endUs ?? 0) - (gap?.startUs ?? 0)) / 1000).to.be.greaterThan(3000);
  });

  it('comes with a word to each room, once, when 70 % of the disk are used', async () => {
    const mic = await scene.openTrack(recordingId, 'mic');
    await scene.pass(2000, mic);
    expect(scene.signaling.named('recording.warned')).to.deep.equal([]);
    space = { freeBytes: 30, totalBytes: 100 };
    while (scene.signaling.named('recording.warned').length === 0) await scene.pass(500, mic);
    const later = newIds();
    await scene.node.handlers['recording.open'](later);
    await scene.pass(6000, mic);
    space = { freeBytes: 90, totalBytes: 100 };
    await scene.pass(3000, mic);
    space = { freeBytes: 29, totalBytes: 100 };
    await scene.pass(3000, mic);
    const told = scene.signaling.named('recording.warned');
    expect(told.map(body => body['recordingId'])).to.deep.equal([recordingId, later.recordingId]);
    for (const { message } of told) expect(message).to.match(/more than 70 % full.*make room/);
    expect(healths()).to.deep.equal(['flowing']);
  });

  it('is not begun where the disk could not hold it, or the recorder has no time for it', async () => {
    const hour = 57_600_000 + 1_125_000_000;
    space = { freeBytes: 2 * hour, totalBytes: 10 * hour };
    const planning = scene.newNode({ disk: async () => space, load: () => load, plannedHours: 2 });
    const refusal = (expected: { audio: number; video: number }) =>
      Promise.resolve(planning.handlers['recording.open']({ ...newIds(), expected })).then(
        () => null,
        (error: Error) => error.message,
      );
    expect(await refusal({ audio: 1, video: 1 })).to.equal(null);
    expect(await refusal({ audio: 2, video: 2 })).to.match(/MiB are needed to hold 2 h of this recording/);
    load = 0.97;
    expect(await refusal({ audio: 1, video: 0 })).to.match(/busy to 97 %.*add a recorder/);
    await planning.shutDown();
  });
});
