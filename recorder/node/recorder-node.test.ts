import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParticipantId, RecordingId, Source, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { opusSource } from '../../test/support/rtp.ts';
import type { Manifest } from '../format/index.ts';
import type { Journal } from '../journal/journal.ts';
import { NodeScene, newIds, type Sending, Signaling } from './fixtures/node-scene.ts';
import type { RecorderNode } from './recorder-node.ts';

describe('the recorder node', () => {
  let scene: NodeScene;
  let store: NodeScene['store'];
  let keys: NodeScene['keys'];
  let signaling: Signaling;
  let journal: Journal;
  let node: RecorderNode;

  beforeEach(async () => {
    scene = await NodeScene.open();
    ({ store, keys, signaling, journal, node } = scene);
  });
  afterEach(() => scene.close());

  const openTrack = (recordingId: RecordingId, source: Source) => scene.openTrack(recordingId, source);
  const pass = (ms: number, ...sending: Sending[]) => scene.pass(ms, ...sending);
  const manifestOf = (recordingId: RecordingId) => scene.manifestOf(recordingId);
  const seconds = (manifest: Manifest, track: number) =>
    manifest.tracks[track]?.gaps.map(({ startUs, endUs, cause }) => [
      Math.round(startUs / 1e5) / 10,
      Math.round(endUs / 1e5) / 10,
      cause,
    ]);

  it('records, accounts for every moment of every track, and reports until it is heard', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    const mic = await openTrack(recordingId, 'mic');
    await pass(2000, mic);
    const camera = await openTrack(recordingId, 'camera');
    await pass(1000, mic, camera);
    await node.handlers['track.hold']({ recordingId, trackId: mic.trackId, held: 'muted' });
    await pass(1000, camera);
    await node.handlers['track.hold']({ recordingId, trackId: mic.trackId, held: 'open' });
    await pass(1000, mic, camera);
    await node.handlers['track.close']({ recordingId, trackId: camera.trackId, cause: 'left' });
    await pass(8000, mic);
    let refusals = 2;
    signaling.refuse = name => {
      refusals -= name === 'recording.finalized' ? 1 : 0;
      return name === 'recording.finalized' && refusals >= 0;
    };
    await node.handlers['recording.close']({ recordingId });
    await node.handlers['recording.close']({ recordingId });
    const [finalized] = await signaling.until('recording.finalized', 3);
    const manifest = manifestOf(recordingId);
    expect(manifest).to.include({ ...ids, durationUs: 13_000_000, startedAt: '2026-01-01T00:00:05.000Z' });
    expect(finalized).to.deep.equal({
      ...ids,
      startedAtMs: Date.parse('2026-01-01T00:00:05.000Z'),
      durationMs: 13_000,
      manifestKey: `recordings/${recordingId}/manifest`,
      merkleRoot: manifest.merkleRoot,
      tracks: manifest.tracks.map(({ trackId, participantId, source }) => ({
        trackId,
        participantId,
        source,
      })),
    });
    expect(seconds(manifest, 0)).to.deep.equal([[3, 4, 'muted']]);
    expect(seconds(manifest, 1)).to.deep.equal([
      [0, 2, 'late'],
      [5, 13, 'left'],
    ]);
    expect(manifest.tracks[0]?.counters).to.include({ packetsReceived: 600, packetsLost: 0 });
    expect(manifest.tracks[0]?.chunks.map(({ packets }) => packets)).to.deep.equal([450, 150]);
    expect(signaling.named('recording.changed').map(body => body['state'])).to.deep.equal([
      'draining',
      'finalizing',
    ]);
    expect(node.announcement().recordings).to.deep.equal([]);
    expect(journal.catalogue.recordings.size).to.equal(0);
  });

  it('answers what signaling repeats as it did before', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await Promise.all([node.handlers['recording.open'](ids), node.handlers['recording.open'](ids)]);
    await node.handlers['recording.open'](ids);
    const trackId = randomUUID() as TrackId;
    const asked = {
      recordingId,
      trackId,
      participantId: randomUUID() as ParticipantId,
      source: 'mic' as const,
      kind: 'audio' as const,
    };
    const tap = await scene.newTap(7);
    const [a, b] = await Promise.all([
      node.handlers['track.open'](asked),
      node.handlers['track.open'](asked),
    ]);
    expect(a).to.deep.equal(b);
    expect(node.announcement().recordings[0]?.tracks).to.deep.equal([]);
    const start = { recordingId, trackId, ...tap.describe(), held: 'open' } as const;
    tap.sendTo(a.port, a.ip);
    const source = opusSource(tap);
    for (let i = 0; i < 3; i += 1) {
      await node.handlers['track.start'](start);
      await pass(500, { tap, source });
    }
    expect(node.announcement().recordings[0]?.tracks).to.have.length(1);
    const close = { recordingId, trackId, cause: 'left' as const };
    await node.handlers['track.close'](close);
    await node.handlers['track.close'](close);
    await node.handlers['recording.close']({ recordingId });
    await signaling.until('recording.finalized');
    const [track] = manifestOf(recordingId).tracks;
    expect(track?.streams).to.have.length(1);
    expect(track?.counters.packetsReceived).to.equal(75);
    expect(track?.gaps).to.deep.equal([]);
    await node.handlers['recording.close']({ recordingId });
  });

  it('records a new tap of the same track as a new stream', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    const first = await openTrack(recordingId, 'mic');
    await pass(1000, first);
    const tap = await scene.newTap(99);
    const { trackId } = first;
    const again = { recordingId, trackId, participantId: randomUUID() as ParticipantId };
    const port = await node.handlers['track.open']({ ...again, source: 'mic', kind: 'audio' });
    tap.sendTo(port.port, port.ip);
    await node.handlers['track.start']({ recordingId, trackId, ...tap.describe(), held: 'open' });
    await pass(
      1000,
      { tap, source: opusSource({ ...tap, ssrc: 99, payloadType: 100, sequence: 40_000 }) },
      first,
    );
    await node.handlers['recording.close']({ recordingId });
    await signaling.until('recording.finalized');
    const [track] = manifestOf(recordingId).tracks;
    expect(track?.streams.map(({ ssrc }) => ssrc)).to.deep.equal([first.tap.ssrc, 99]);
    expect(track?.chunks.map(({ packets }) => packets)).to.deep.equal([50, 50]);
    expect(track?.counters).to.include({ packetsForeign: 50, packetsLost: 0 });
  });

  it('notes each change of simulcast layers once, and nothing else changes by it', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    const camera = await openTrack(recordingId, 'camera');
    await pass(500, camera);
    const { trackId } = camera;
    for (const spatial of [0, 0, 2, null, 2]) {
      await node.handlers['track.layers']({ recordingId, trackId, spatial, temporal: 1 });
      await pass(200, camera);
    }
    await node.handlers['recording.close']({ recordingId });
    await signaling.until('recording.finalized');
    const [track] = manifestOf(recordingId).tracks;
    expect(track?.streams).to.have.length(1);
    expect(track?.gaps).to.deep.equal([]);
    const layers = scene
      .recordsOf(recordingId, trackId)
      .flatMap(record => (record.type === 'event' && record.event.kind === 'layers' ? [record.event] : []));
    expect(layers.map(({ spatial }) => spatial)).to.deep.equal([0, 2, null, 2]);
  });

  it('refuses a recording that it could not write, and says why', async () => {
    const refusal = async (refusing: RecorderNode) =>
      Promise.resolve(refusing.handlers['recording.open'](newIds())).then(
        () => 'accepted',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      );
    store.checkFailure = new Error('The bucket does not exist.');
    expect(await refusal(node)).to.match(/^recording_refused: .*object store.*The bucket does not exist/);
    store.checkFailure = null;
    keys.away = new Error('The vault is sealed.');
    expect(await refusal(node)).to.match(/^recording_refused: .*key store.*The vault is sealed/);
    keys.away = null;
    expect(await refusal(scene.newNode({ minFreeBytes: 2 ** 60 }))).to.match(
      /^recording_refused: .*MiB are free.*RECORDER_MIN_FREE_BYTES/,
    );
    scene.diskFailure = 'ENOSPC';
    expect(node.announcement().recordings).to.deep.equal([]);
    expect(await readdir(join(scene.directory, 'frames'))).to.deep.equal([]);
  });

  it('refuses within 3 seconds when the key store hangs', async () => {
    keys.away = new Promise(() => {});
    const error = await Promise.resolve(node.handlers['recording.open'](newIds())).then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.match(/key store did not answer within 3 s/);
  });

  it('keeps recording while the store is away, says so once, and loses nothing', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    let away = true;
    store.beforePut = () => {
      if (away) throw new Error('connection refused');
    };
    const mic = await openTrack(recordingId, 'mic');
    await pass(25_000, mic);
    // Time is ours, the disk's is not: the first chunk may have reached the uploader just now.
    while (signaling.named('recording.warned').length === 0) await pass(200, mic);
    const [warning] = signaling.named('recording.warned');
    expect(warning?.['message']).to.match(/object store/);
    expect(signaling.named('recording.warned')).to.have.length(1);
    expect([...store.objects.keys()].filter(key => key.includes('/tracks/'))).to.deep.equal([]);
    await node.handlers['recording.close']({ recordingId });
    away = false;
    await signaling.until('recording.finalized');
    const { durationUs, tracks } = manifestOf(recordingId);
    expect(tracks[0]?.counters.packetsReceived).to.equal(durationUs / 20_000);
    expect(tracks[0]?.gaps).to.deep.equal([]);
  });

  it('keeps what a full disk refuses until it takes it, and tells the room', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    const mic = await openTrack(recordingId, 'mic');
    await pass(1000, mic);
    scene.diskFailure = 'ENOSPC';
    // Time is ours, the disk's is not: a commit that was under way may still succeed.
    while (signaling.named('recording.warned').length === 0) await pass(200, mic);
    await pass(3000, mic);
    expect(signaling.named('recording.warned')).to.have.length(1);
    expect(journal.frames.pendingBytes).to.be.greaterThan(30_000);
    scene.diskFailure = null;
    await pass(1000, mic);
    await node.handlers['recording.close']({ recordingId });
    await signaling.until('recording.finalized');
    const { durationUs, tracks } = manifestOf(recordingId);
    expect(tracks[0]?.counters.packetsReceived).to.equal(durationUs / 20_000);
    expect(tracks[0]?.gaps).to.deep.equal([]);
  });

  it('tells signaling of finalized recordings again when it comes back', async () => {
    const ids = newIds();
    const { recordingId } = ids;
    await node.handlers['recording.open'](ids);
    node.offline();
    await node.handlers['recording.close']({ recordingId });
    await store.until(() => store.objects.has(`recordings/${recordingId}/manifest`));
    expect(node.announcement().recordings[0]).to.include({ recordingId, closing: true });
    const later = new Signaling();
    node.online(later.report);
    await later.until('recording.finalized');
    expect(later.named('recording.finalized')[0]).to.include({ recordingId });
  });
});
