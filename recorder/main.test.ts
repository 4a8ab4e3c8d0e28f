import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import {
  kindOf,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type SessionId,
  type Source,
  type TrackId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { FakeTap } from '../test/support/fake-sfu.ts';
import { FakeSignaling } from '../test/support/fake-signaling.ts';
import { opusSource, type RtpSource, vp8Source } from '../test/support/rtp.ts';
import { sequenceOf } from './capture/rtp.ts';
import { openKeys } from './keys/index.ts';
import { openRecording } from './reader.ts';
import { openStore } from './store/index.ts';

/** One person's track, and what it has sent. */
interface Sending {
  trackId: TrackId;
  tap: FakeTap;
  source: RtpSource;
  sent: Buffer[];
}

describe('the recorder process', () => {
  let directory: string;
  let signaling: FakeSignaling;
  let recorder: ChildProcess;
  const taps: FakeTap[] = [];
  const ids = () => ({
    organizationId: randomUUID() as OrganizationId,
    sessionId: randomUUID() as SessionId,
    recordingId: randomUUID() as RecordingId,
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-process-'));
    signaling = new FakeSignaling();
    await signaling.start();
  });
  afterEach(async () => {
    await end('SIGKILL');
    await signaling.stop();
    for (const tap of taps.splice(0)) tap.close();
    await rm(directory, { recursive: true });
  });

  async function launch(): Promise<void> {
    recorder = fork(join(import.meta.dirname, 'main.ts'), {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: directory,
        SIGNALING_URL: signaling.url,
        NODE_SECRET: 'x'.repeat(32),
        RECORDER_MIN_FREE_BYTES: '0',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [message] = await once(recorder, 'message');
    expect(message).to.deep.equal({ ready: true });
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (recorder.exitCode !== null || recorder.signalCode !== null) return recorder.exitCode;
    recorder.kill(signal);
    const [code] = (await once(recorder, 'exit')) as [number | null];
    return code;
  }

  /** What signaling does for a producer. A track that was open before is opened again. */
  async function openTrack(recordingId: RecordingId, source: Source, again?: TrackId): Promise<Sending> {
    const kind = kindOf(source);
    const trackId = again ?? (randomUUID() as TrackId);
    const tap = await FakeTap.open(1000 + taps.length, kind === 'audio' ? 'audio/opus' : 'video/VP8');
    taps.push(tap);
    const participantId = randomUUID() as ParticipantId;
    const port = await signaling.ask('track.open', { recordingId, trackId, participantId, source, kind });
    tap.sendTo(port.port, port.ip);
    await signaling.ask('track.start', { recordingId, trackId, ...tap.describe(), paused: false });
    return { trackId, tap, source: kind === 'audio' ? opusSource(tap) : vp8Source(tap), sent: [] };
  }

  /** Real time passes while all of them send. */
  async function send(ms: number, ...sendings: Sending[]): Promise<void> {
    const startedMs = performance.now();
    const turns = sendings.map(() => 0);
    for await (const _ of setInterval(5)) {
      const nowMs = performance.now() - startedMs;
      for (const [i, { tap, source, sent }] of sendings.entries()) {
        for (; ((turns[i] ?? 0) * source.intervalUs) / 1000 <= nowMs; turns[i] = (turns[i] ?? 0) + 1) {
          for (const packet of source.next()) {
            sent.push(packet);
            await tap.sendPacket(packet);
          }
        }
      }
      if (nowMs >= ms) return;
    }
  }

  async function read(context: ReturnType<typeof ids>) {
    const store = await openStore({ DATA_DIR: directory });
    const keys = await openKeys({ DATA_DIR: directory });
    const reader = await openRecording(store, keys, context);
    const tracks = new Map<TrackId, Buffer[]>();
    for (const track of reader.manifest.tracks) {
      const packets: Buffer[] = [];
      for await (const record of reader.records(track)) {
        expect(record.type).to.not.equal('damaged');
        if (record.type === 'rtp') packets.push(Buffer.from(record.packet));
      }
      tracks.set(track.trackId, packets);
    }
    await store.close();
    return { manifest: reader.manifest, tracks };
  }

  it('records two tracks from end to end, and leaves no plaintext on the disk', async () => {
    await launch();
    expect((await signaling.report('announce')).recordings).to.deep.equal([]);
    const context = ids();
    await signaling.ask('recording.open', context);
    const mic = await openTrack(context.recordingId, 'mic');
    const camera = await openTrack(context.recordingId, 'camera');
    await send(1200, mic, camera);
    await signaling.ask('recording.close', { recordingId: context.recordingId });
    const finalized = await signaling.report('recording.finalized');
    expect((await signaling.report('recording.changed')).state).to.equal('draining');
    const { manifest, tracks } = await read(context);
    expect(finalized).to.include({ ...context, merkleRoot: manifest.merkleRoot });
    expect(finalized.durationMs).to.be.within(1200, 3000);
    for (const { trackId, sent } of [mic, camera]) expect(tracks.get(trackId)).to.deep.equal(sent);
    const said = [mic, camera].flatMap(({ sent }) => sent.slice(0, 3).map(packet => packet.subarray(20, 40)));
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const bytes = await readFile(join(name.parentPath, name.name));
      for (const words of said) expect(bytes.includes(words), name.name).to.equal(false);
    }
  });

  it('takes up after a kill, and loses no more than 250 ms besides the time it was down', async () => {
    await launch();
    await signaling.report('announce');
    const context = ids();
    const { recordingId } = context;
    await signaling.ask('recording.open', context);
    const mic = await openTrack(recordingId, 'mic');
    await send(1500, mic);
    await end('SIGKILL');
    await launch();
    const { recordings } = await signaling.report('announce');
    expect(recordings[0]).to.deep.include({ ...context, closing: false, tracks: [] });
    const again = await openTrack(recordingId, 'mic', mic.trackId);
    await send(700, again);
    await signaling.ask('recording.close', { recordingId });
    const { durationMs } = await signaling.report('recording.finalized');
    const { manifest, tracks } = await read(context);
    const packets = tracks.get(mic.trackId) ?? [];
    const before = packets.length - again.sent.length;
    expect(packets.slice(before)).to.deep.equal(again.sent);
    expect(packets.slice(0, before)).to.deep.equal(mic.sent.slice(0, before));
    expect((mic.sent.length - before) * 20).to.be.at.most(250);
    const [track] = manifest.tracks;
    expect(track?.chunks.map(({ epoch }) => epoch)).to.deep.equal([2, 2]);
    const [gap, ...others] = track?.gaps.filter(({ cause }) => cause !== 'late') ?? [];
    expect(gap?.cause).to.equal('recorder-restarted');
    expect(others).to.deep.equal([]);
    expect(durationMs).to.be.greaterThan(recordings[0]?.elapsedMs ?? 0);
    expect(recordings[0]?.elapsedMs).to.be.greaterThan(1500);
  });

  it('finalizes what is open when it is told to stop, and loses nothing', async () => {
    await launch();
    await signaling.report('announce');
    const context = ids();
    await signaling.ask('recording.open', context);
    const mic = await openTrack(context.recordingId, 'mic');
    await send(500, mic);
    const startedMs = performance.now();
    expect(await end('SIGTERM')).to.equal(0);
    expect(performance.now() - startedMs).to.be.lessThan(7000);
    await signaling.report('recording.finalized');
    const { tracks } = await read(context);
    expect(tracks.get(mic.trackId)?.map(sequenceOf)).to.deep.equal(mic.sent.map(sequenceOf));
    await launch();
    expect((await signaling.report('announce')).recordings).to.deep.equal([]);
  });

  it('records on while signaling is away, and tells it everything when it is back', async () => {
    await launch();
    await signaling.report('announce');
    const context = ids();
    const { recordingId } = context;
    await signaling.ask('recording.open', context);
    const mic = await openTrack(recordingId, 'mic');
    const sending = send(2500, mic);
    await signaling.stop();
    await signaling.start();
    const { recordings } = await signaling.report('announce');
    expect(recordings[0]?.tracks.map(({ trackId }) => trackId)).to.deep.equal([mic.trackId]);
    await sending;
    await signaling.ask('recording.close', { recordingId });
    await signaling.report('recording.finalized');
    const { tracks, manifest } = await read(context);
    expect(tracks.get(mic.trackId)).to.deep.equal(mic.sent);
    expect(manifest.tracks[0]?.gaps.filter(({ cause }) => cause !== 'late')).to.deep.equal([]);
  });

  it('starts without signaling, and joins when it comes', async () => {
    await signaling.stop();
    await launch();
    await signaling.start();
    expect((await signaling.report('announce')).recordings).to.deep.equal([]);
  });
});
