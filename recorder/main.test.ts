import { expect } from 'chai';
import { checkRoom } from '../test/support/check-room.ts';
import { RealRecorder, type Room } from '../test/support/real-recorder.ts';
import { openRecording } from './reader.ts';

describe('the recorder process', () => {
  let recorder: RealRecorder;
  beforeEach(async () => {
    recorder = await RealRecorder.start();
  });
  afterEach(() => recorder.close());

  async function finish({ recordingId }: Room) {
    await recorder.signaling.ask('recording.close', { recordingId });
    return recorder.signaling.report('recording.finalized');
  }

  async function manifestOf(room: Room) {
    const { store, keys } = await recorder.openData();
    const { manifest } = await openRecording(store, keys, room);
    await store.close();
    return manifest;
  }

  it('records two tracks from end to end, and leaves no plaintext on the disk', async () => {
    const room = await recorder.open('mic', 'camera');
    await recorder.send(1200, room);
    const finalized = await finish(room);
    expect((await recorder.signaling.report('recording.changed')).state).to.equal('draining');
    const { sendings, ...ids } = room;
    const { merkleRoot } = await manifestOf(room);
    expect(finalized).to.include({ ...ids, merkleRoot });
    expect(finalized.durationMs).to.be.at.least(1200);
    await checkRoom(recorder, room);
  });

  it('takes up after a kill, and loses no more than 250 ms besides the time it was down', async () => {
    const room = await recorder.open('mic');
    await recorder.send(1500, room);
    const killMs = performance.now();
    await recorder.end('SIGKILL');
    const { recordings } = await recorder.launch();
    const { sendings, ...ids } = room;
    expect(recordings[0]).to.deep.include({ ...ids, closing: false, tracks: [] });
    expect(recordings[0]?.elapsedMs).to.be.greaterThan(1500);
    for (const sending of sendings) await recorder.connect(room, sending);
    await recorder.send(700, room);
    const { durationMs } = await finish(room);
    expect(durationMs).to.be.greaterThan(recordings[0]?.elapsedMs ?? 0);
    await checkRoom(recorder, room, [killMs]);
    const [track] = (await manifestOf(room)).tracks;
    expect(track?.chunks.map(({ epoch }) => epoch)).to.deep.equal([2, 2]);
    const causes = track?.gaps.map(({ cause }) => cause).filter(cause => cause !== 'late');
    expect(causes).to.deep.equal(['recorder-restarted']);
  });

  it('finalizes what is open when it is told to stop, and loses nothing', async () => {
    const room = await recorder.open('mic');
    await recorder.send(500, room);
    expect(await recorder.end('SIGTERM')).to.equal(0);
    await recorder.signaling.report('recording.finalized');
    await checkRoom(recorder, room);
    expect((await recorder.launch()).recordings).to.deep.equal([]);
  });

  it('records on while signaling is away, and tells it everything when it is back', async () => {
    const { signaling } = recorder;
    const room = await recorder.open('mic');
    const sending = recorder.send(2500, room);
    await signaling.stop();
    await signaling.start();
    const { recordings } = await signaling.report('announce');
    const trackIds = room.sendings.map(({ trackId }) => trackId);
    expect(recordings[0]?.tracks.map(({ trackId }) => trackId)).to.deep.equal(trackIds);
    await sending;
    await finish(room);
    await checkRoom(recorder, room);
    const [track] = (await manifestOf(room)).tracks;
    expect(track?.gaps.filter(({ cause }) => cause !== 'late')).to.deep.equal([]);
  });

  it('starts without signaling, and joins when it comes', async () => {
    await recorder.end('SIGKILL');
    await recorder.signaling.stop();
    const launched = recorder.launch();
    await recorder.signaling.start();
    expect((await launched).recordings).to.deep.equal([]);
  });
});
