import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  errors,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type RecordingView,
  type SessionId,
  type TrackId,
} from '../protocol/index.ts';
import type { Catalogue } from './catalogue.ts';
import { Endings } from './endings.ts';
import { Nodes, type RecorderLink, recorderLink, type SfuLink, sfuLink } from './nodes.ts';
import { type LiveProducer, recordedTrackId } from './recording.ts';
import { type RecordedRoom, RoomRecording } from './room-recording.ts';

interface Asked {
  node: string;
  name: string;
  request: Record<string, unknown>;
}

describe('the recording of a room', () => {
  const organizationId = randomUUID() as OrganizationId;
  const sessionId = randomUUID() as SessionId;
  const mic: LiveProducer = {
    producerId: 'p1',
    trackId: randomUUID() as TrackId,
    participantId: randomUUID() as ParticipantId,
    source: 'mic',
    paused: false,
  };
  let asked: Asked[];
  let refuse: (name: string) => boolean;
  let told: RecordingView[];
  let recorders: Nodes<RecorderLink>;
  let recording: RoomRecording;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    asked = [];
    told = [];
    refuse = () => false;
    recorders = new Nodes<RecorderLink>('recorder');
    recorders.add(recorderLink('recorder-1', node('recorder-1')));
    const sfu: SfuLink = sfuLink('sfu', node('sfu'));
    const room: RecordedRoom = {
      organizationId,
      sessionId,
      producers: [mic],
      standingTaps: [],
      sfu: () => sfu,
      openMedia: async () => {},
      tell: (event, body) => {
        if (event === 'recordingChanged') told.push(body as RecordingView);
      },
    };
    const log = createLog('test', 'silent');
    const catalogue = { insertRecording: async () => {}, noteRecording: () => {} };
    recording = new RoomRecording(room, {
      sfus: new Nodes<SfuLink>('media server'),
      recorders,
      // What is written down has its tests where it is written.
      catalogue: catalogue as unknown as Catalogue,
      endings: new Endings({ recorders, log }),
      clock: new ManualClock(),
      log,
      onClosed: () => {},
    });
  });
  afterEach(() => {
    recording.close();
    mock.timers.reset();
  });

  const answers: Record<string, unknown> = {
    'recording.take-over': { holder: 2 },
    'track.open': { ip: '127.0.0.1', port: 1000, srtp: null },
    'tap.open': {
      tapId: 'tap',
      rtpParameters: {},
      sourceIp: '127.0.0.1',
      sourcePort: 2000,
      srtp: null,
      clockId: 'clock',
    },
  };

  /** The far end of a node's socket. */
  function node(name: string): Parameters<typeof recorderLink>[1] {
    return {
      timeout: () => ({
        emitWithAck: async (procedure: string, request: unknown) => {
          asked.push({ node: name, name: procedure, request: request as Record<string, unknown> });
          if (refuse(procedure)) return { error: errors.unavailable('store').toBody() };
          return { ok: answers[procedure] ?? null };
        },
      }),
    };
  }
  const askedOf = (name: string) => asked.filter(each => each.node === name).map(each => each.name);
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
  };
  const lose = (name: string) => {
    recorders.remove(recorders.get(name));
    recording.recorderGone(name);
  };
  const announcement = (recordingId: RecordingId, recorderId: string, holder: number) => ({
    recordingId,
    recorderId,
    holder,
    startedAtMs: 0,
    elapsedMs: 1000,
    tracks: new Set<TrackId>(),
  });

  it('goes on by itself when its recorder is back within five seconds', async () => {
    const { recordingId } = await recording.start();
    recorders.add(recorderLink('recorder-2', node('recorder-2')));
    lose('recorder-1');
    mock.timers.tick(4_900);
    recorders.add(recorderLink('recorder-1', node('recorder-1')));
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('record');
    mock.timers.tick(10_000);
    await settled();
    expect(askedOf('recorder-2')).to.deep.equal([]);
    expect(askedOf('recorder-1').filter(name => name === 'track.open')).to.have.length(2);
  });

  it('is taken over by another recorder when its own stays away, with tracks of its own', async () => {
    await recording.start();
    recorders.add(recorderLink('recorder-2', node('recorder-2')));
    lose('recorder-1');
    mock.timers.tick(5_000);
    await settled();
    expect(askedOf('recorder-2')).to.deep.equal(['recording.take-over', 'track.open', 'track.start']);
    const [, opened] = asked.filter(({ name }) => name === 'track.open');
    expect(opened?.request['trackId']).to.equal(recordedTrackId(mic.trackId, 2)).and.not.equal(mic.trackId);
    expect(asked.filter(({ name }) => name === 'tap.close')).to.have.length(1);
    expect(told.at(-1)).to.include({ state: 'recording', reason: null });
  });

  it('says so while no recorder can go on, and tries until one can', async () => {
    await recording.start();
    lose('recorder-1');
    mock.timers.tick(5_000);
    await settled();
    expect(told.at(-1)?.reason).to.match(/recorder is not reachable/);
    recorders.add(recorderLink('recorder-2', node('recorder-2')));
    refuse = name => name === 'recording.take-over';
    mock.timers.tick(2_000);
    await settled();
    expect(told.at(-1)?.reason).to.match(/recorder is not reachable/);
    refuse = () => false;
    mock.timers.tick(2_000);
    await settled();
    expect(told.at(-1)).to.include({ state: 'recording', reason: null });
    expect(askedOf('recorder-2').at(-1)).to.equal('track.start');
  });

  it('has the one who was relieved yield, and follows the one who relieved it', async () => {
    const { recordingId } = await recording.start();
    recorders.add(recorderLink('recorder-2', node('recorder-2')));
    expect(recording.announced(announcement(recordingId, 'recorder-2', 2))).to.equal('record');
    await settled();
    expect(recording.current?.recorderId).to.equal('recorder-2');
    expect(askedOf('recorder-2')).to.deep.equal(['track.open', 'track.start']);
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('yield');
  });

  it('passes on which simulcast layers its recorder gets', async () => {
    const { recordingId } = await recording.start();
    const layers = { spatial: 1, temporal: null };
    await recording.layersChanged(mic.trackId, layers);
    recorders.add(recorderLink('recorder-2', node('recorder-2')));
    recording.announced(announcement(recordingId, 'recorder-2', 2));
    await recording.layersChanged(mic.trackId, layers);
    recorders.remove(recorders.get('recorder-2'));
    // Nobody to tell, which is no harm.
    await recording.layersChanged(mic.trackId, layers);
    const told = asked.filter(({ name }) => name === 'track.layers');
    expect(told).to.deep.equal([
      { node: 'recorder-1', name: 'track.layers', request: { recordingId, trackId: mic.trackId, ...layers } },
      {
        node: 'recorder-2',
        name: 'track.layers',
        request: { recordingId, trackId: recordedTrackId(mic.trackId, 2), ...layers },
      },
    ]);
  });

  it('that was stopped while its recorder was away is closed when it dials in', async () => {
    const { recordingId } = await recording.start();
    lose('recorder-1');
    expect(await recording.stop()).to.include({ state: 'draining' });
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('close');
  });
});
