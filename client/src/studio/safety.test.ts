import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import {
  type ParticipantView,
  recordingId,
  type Source,
  type TrackHealth,
  type TrackProgress,
  trackId,
} from '../protocol.ts';
import { person, roomWith } from './fixtures/room.ts';
import type { RoomState } from './room-state.ts';
import { isStale, onDiskUpToMs, safetyOf, safetyShown, safeUpToMs, troubles } from './safety.ts';

const rita = person('Rita', { role: 'host' });
const [ada, björn] = [person('Ada'), person('Björn')];

const track = (owner: ParticipantView, source: Source, safeMs: number, health: TrackHealth = 'flowing') =>
  ({
    trackId: trackId.parse(randomUUID()),
    participantId: owner.participantId,
    source,
    onDiskMs: 20_000,
    safeMs,
    health,
  }) satisfies TrackProgress;

function roomOf(you: ParticipantView, tracks: TrackProgress[], reason: string | null = null): RoomState {
  const id = recordingId.parse(randomUUID());
  const recording = { state: 'recording', elapsedMs: 20_400, reason, isPaused: false } as const;
  return {
    ...roomWith([rita, ada, björn]),
    you,
    recording: { recordingId: id, ...recording, receivedAtMs: 0 },
    progress: { recordingId: id, elapsedMs: 20_400, tracks, receivedAtMs: 0 },
  };
}

describe('how safe the recording is', () => {
  it('warns a host of whoever clips or is silent, and everybody of themselves, while it records', () => {
    const clips = { connection: 'good', reason: null, isClipping: true } as const;
    const loud = { ...ada, condition: clips };
    const seenBy = (you: ParticipantView, change: Partial<RoomState> = {}) =>
      troubles({ ...roomOf(you, []), participants: [rita, loud, björn], ...change }, [
        björn.participantId,
      ]).map(({ text }) => text);
    expect(seenBy(rita)).to.deep.equal([
      'Ada’s microphone is too loud: it is cut off.',
      'Nothing has been heard of Björn for a minute.',
    ]);
    expect(seenBy(björn)).to.deep.equal([
      'Nothing has been heard of you for a minute. Is your microphone muted on the device itself?',
    ]);
    expect(seenBy(ada)).to.deep.equal([]);
    expect(seenBy(rita, { recording: null })).to.deep.equal([]);
  });

  it('is safe up to the earliest instant of all that is being recorded', () => {
    const tracks = [track(rita, 'mic', 12_000), track(ada, 'mic', 9_000), track(ada, 'camera', 15_000)];
    expect(safeUpToMs(tracks)).to.equal(9_000);
    expect(
      onDiskUpToMs({ recordingId: recordingId.parse(randomUUID()), elapsedMs: 21_000, tracks }),
    ).to.equal(20_000);
  });

  it('is not held back by what is muted, gone or silent, and still counts what waits for the store', () => {
    const idle = [
      track(ada, 'mic', 1, 'muted'),
      track(björn, 'mic', 2, 'gone'),
      track(björn, 'camera', 3, 'no-packets'),
    ];
    expect(safeUpToMs([...idle, track(rita, 'mic', 9_000)])).to.equal(9_000);
    expect(
      safeUpToMs([...idle, track(rita, 'mic', 9_000), track(ada, 'camera', 5_000, 'store-away')]),
    ).to.equal(5_000);
    expect(safeUpToMs(idle)).to.equal(null);
  });

  it('tells the host whose device sends nothing, in words; muted is no alarm', () => {
    const room = roomOf(rita, [track(ada, 'mic', 0, 'no-packets'), track(björn, 'mic', 0, 'muted')]);
    expect(troubles(room).map(({ level, text }) => [level, text])).to.deep.equal([
      ['alarm', 'Ada’s microphone sends nothing.'],
    ]);
  });

  it('tells a guest of what is their own, with what to do, and nothing of the others', () => {
    const tracks = [track(ada, 'camera', 0, 'no-packets'), track(björn, 'mic', 0, 'no-packets')];
    expect(troubles(roomOf(ada, tracks)).map(({ text }) => text)).to.deep.equal([
      'Your camera sends nothing. Choose it again in the settings.',
    ]);
    const room = roomOf(ada, tracks, 'The recorder is not reachable.');
    expect(troubles(room)).to.have.length(1);
    expect(safetyShown(room, björn.participantId, false)).to.equal(null);
    expect(safetyShown(room, ada.participantId, false)?.level).to.equal('alarm');
  });

  it('says once what is wrong with all tracks', () => {
    const tracks = [track(ada, 'mic', 0, 'store-away'), track(rita, 'mic', 0, 'store-away')];
    expect(troubles(roomOf(rita, tracks)).map(({ level }) => level)).to.deep.equal(['warning']);
    const full = [track(ada, 'mic', 0, 'disk-nearly-full'), track(rita, 'mic', 0, 'disk-nearly-full')];
    expect(troubles(roomOf(rita, full)).map(({ level }) => level)).to.deep.equal(['alarm']);
  });

  it('tells the host what the recorder has to say while the light is on', () => {
    expect(troubles(roomOf(rita, [], 'The recorder is not reachable.'))).to.have.length(1);
  });

  it('is not known any more when the recorder has been silent for three seconds', () => {
    const room = roomOf(rita, [track(ada, 'mic', 4_000), track(björn, 'mic', 0, 'no-packets')]);
    if (room.progress === null) throw new Error('no progress');
    expect(isStale(room.progress, 2_900)).to.equal(false);
    expect(isStale(room.progress, 3_000)).to.equal(true);
    for (const { participantId } of [ada, björn])
      expect(safetyShown(room, participantId, true)?.level).to.equal('unknown');
    expect(safetyShown(roomOf(ada, []), björn.participantId, true)).to.equal(null);
  });

  it('takes the worst of a person’s tracks, and is idle where there is none', () => {
    const { progress } = roomOf(rita, [track(ada, 'mic', 4_000), track(ada, 'camera', 5_000, 'muted')]);
    if (progress === null) throw new Error('no progress');
    expect(safetyOf(progress, ada.participantId)).to.deep.equal({ level: 'safe', safeMs: 4_000 });
    expect(safetyOf(progress, björn.participantId)).to.deep.equal({ level: 'idle', safeMs: null });
  });
});
