import { randomUUID } from 'node:crypto';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { OrganizationId, RecordingId, SessionId } from '../protocol/index.ts';
import type { Catalogue } from './catalogue.ts';
import { recorderLink } from './nodes.ts';
import { Rooms } from './rooms.ts';

describe('rooms', () => {
  const catalogue = {
    sessionTitle: async () => 'Episode 1',
    noteRecording: () => {},
    noteStopped: () => {},
    noteSession: () => {},
    finalize: async () => {},
  };
  const ids = {
    organizationId: randomUUID() as OrganizationId,
    sessionId: randomUUID() as SessionId,
    recordingId: randomUUID() as RecordingId,
  };
  const live = {
    ...ids,
    holder: 1,
    startedAtMs: 0,
    elapsedMs: 5000,
    closing: false,
    paused: false,
    tracks: [],
  };

  it('end what a recorder still records when it is back, after its room was stopped and closed', async () => {
    const rooms = new Rooms({
      catalogue: catalogue as unknown as Catalogue,
      iceServers: () => [],
      clock: new ManualClock(),
      log: createLog('test', 'silent'),
    });
    const asked: string[] = [];
    const dialIn = () =>
      recorderLink('recorder-1', {
        timeout: () => ({
          emitWithAck: async (name: string) => {
            asked.push(name);
            return { ok: null };
          },
        }),
      });
    const first = dialIn();
    await rooms.recorderAnnounced(first, [live]);
    const room = rooms.find(ids.sessionId);
    rooms.recorderGone(first);
    await room?.recording.stop();
    await room?.close();
    expect(asked).to.deep.equal([]);
    await rooms.recorderAnnounced(dialIn(), [live]);
    expect(asked).to.deep.equal(['recording.close']);
    expect(rooms.find(ids.sessionId)).to.equal(undefined);
    await rooms.recordingFinalized({
      ...ids,
      startedAtMs: 0,
      durationMs: 5000,
      manifestKey: 'manifest',
      merkleRoot: '',
      tracks: [],
    });
  });
});
