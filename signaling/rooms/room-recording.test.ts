import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { audit } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type {
  AppError,
  OrganizationId,
  ParticipantId,
  RecordingId,
  RecordingView,
  SessionId,
  TrackId,
} from '../protocol/index.ts';
import type { Catalogue } from './catalogue.ts';
import { Endings } from './endings.ts';
import { ScriptedNodes, settled } from './fixtures/scripted-nodes.ts';
import { Lobbies } from './lobby.ts';
import { Nodes, type RecorderLink, recorderLink, type SfuLink, sfuLink } from './nodes.ts';
import type { RecordedRoom } from './recorded-room.ts';
import { type LiveProducer, recordedTrackId } from './recording.ts';
import { RoomRecording } from './room-recording.ts';

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
  let nodes: ScriptedNodes;
  let producers: LiveProducer[];
  let told: RecordingView[];
  let events: ('countdown' | 'none' | 'slate')[];
  let recorders: Nodes<RecorderLink>;
  let recording: RoomRecording;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    nodes = new ScriptedNodes();
    told = [];
    events = [];
    producers = [mic];
    recorders = new Nodes<RecorderLink>('recorder');
    recorders.add(recorderLink('recorder-1', nodes.socket('recorder-1')));
    const sfu: SfuLink = sfuLink('sfu', nodes.socket('sfu'));
    const room: RecordedRoom = {
      organizationId,
      sessionId,
      get producers() {
        return producers;
      },
      region: () => null,
      standingTaps: [],
      sfu: () => sfu,
      openMedia: async () => {},
      tell: (event, body) => {
        if (event === 'recordingChanged') told.push(body as RecordingView);
        if (event === 'slateCalled') events.push('slate');
        if (event === 'countdownChanged')
          events.push((body as { countdown: unknown }).countdown === null ? 'none' : 'countdown');
      },
    };
    const log = createLog('test', 'silent');
    const catalogue = {
      requireHours: async () => {},
      insertRecording: async () => null,
      customerKey: async () => null,
      noteRecording() {},
      noteStopped() {},
      noteRefused() {},
      notePaused() {},
      markersOf: async () => [],
    };
    recording = new RoomRecording(room, {
      sfus: new Nodes<SfuLink>('media server'),
      recorders,
      // What is written down has its tests where it is written.
      catalogue: catalogue as unknown as Catalogue,
      endings: new Endings({ recorders, log }),
      iceServers: () => [],
      clock: new ManualClock(),
      log,
      onClosed: () => {},
      lobbies: new Lobbies(() => {}),
      onFound: () => {},
    });
  });
  afterEach(() => {
    recording.close();
    mock.timers.reset();
  });

  const askedOf = (name: string) => nodes.askedOf(name);
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
    paused: false,
    tracks: new Set<TrackId>(),
  });

  it('goes on by itself when its recorder is back within five seconds', async () => {
    const { recordingId } = await recording.start(audit.nobody);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    lose('recorder-1');
    mock.timers.tick(4_900);
    recorders.add(recorderLink('recorder-1', nodes.socket('recorder-1')));
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('record');
    mock.timers.tick(10_000);
    await settled();
    expect(askedOf('recorder-2')).to.deep.equal([]);
    expect(askedOf('recorder-1').filter(name => name === 'track.open')).to.have.length(2);
  });

  it('has a new producer recorded before it is shown to anybody', async () => {
    await recording.start(audit.nobody);
    const camera: LiveProducer = {
      ...mic,
      producerId: 'p2',
      trackId: randomUUID() as TrackId,
      source: 'camera',
    };
    producers = [mic, camera];
    await recording.follows();
    expect(nodes.asked.at(-1)).to.deep.include({ node: 'sfu', name: 'tap.start' });
    expect(askedOf('sfu').filter(name => name === 'tap.start')).to.have.length(2);
  });

  it('keeps nobody waiting for a recorder that hangs', async () => {
    await recording.start(audit.nobody);
    producers = [];
    nodes.holds = name => (name === 'track.close' ? new Promise(() => {}) : null);
    const followed = recording.follows();
    await settled();
    mock.timers.tick(2_000);
    await followed;
  });

  it('is taken over by another recorder when its own stays away, with tracks of its own', async () => {
    await recording.start(audit.nobody);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    lose('recorder-1');
    mock.timers.tick(5_000);
    await settled();
    expect(askedOf('recorder-2')).to.deep.equal(['recording.take-over', 'track.open', 'track.start']);
    const [, opened] = nodes.asked.filter(({ name }) => name === 'track.open');
    expect(opened?.request['trackId']).to.equal(recordedTrackId(mic.trackId, 2)).and.not.equal(mic.trackId);
    expect(nodes.asked.filter(({ name }) => name === 'tap.close')).to.have.length(1);
    expect(told.at(-1)).to.include({ state: 'recording', reason: null });
  });

  it('says so while no recorder can go on, and tries until one can', async () => {
    await recording.start(audit.nobody);
    lose('recorder-1');
    mock.timers.tick(5_000);
    await settled();
    expect(told.at(-1)?.reason).to.match(/recorder is not reachable/);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    nodes.refuses = name => name === 'recording.take-over';
    mock.timers.tick(2_000);
    await settled();
    expect(told.at(-1)?.reason).to.match(/recorder is not reachable/);
    nodes.refuses = () => false;
    mock.timers.tick(2_000);
    await settled();
    expect(told.at(-1)).to.include({ state: 'recording', reason: null });
    expect(askedOf('recorder-2').at(-1)).to.equal('track.start');
  });

  it('has the one who was relieved yield, and follows the one who relieved it', async () => {
    const { recordingId } = await recording.start(audit.nobody);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    expect(recording.announced(announcement(recordingId, 'recorder-2', 2))).to.equal('record');
    await settled();
    expect(recording.current?.recorderId).to.equal('recorder-2');
    expect(askedOf('recorder-2')).to.deep.equal(['track.open', 'track.start']);
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('yield');
  });

  it('passes on which simulcast layers its recorder gets', async () => {
    const { recordingId } = await recording.start(audit.nobody);
    const layers = { spatial: 1, temporal: null };
    await recording.layersChanged(mic.trackId, layers);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    recording.announced(announcement(recordingId, 'recorder-2', 2));
    await recording.layersChanged(mic.trackId, layers);
    recorders.remove(recorders.get('recorder-2'));
    // Nobody to tell, which is no harm.
    await recording.layersChanged(mic.trackId, layers);
    const told = nodes.asked.filter(({ name }) => name === 'track.layers');
    expect(told).to.deep.equal([
      { node: 'recorder-1', name: 'track.layers', request: { recordingId, trackId: mic.trackId, ...layers } },
      {
        node: 'recorder-2',
        name: 'track.layers',
        request: { recordingId, trackId: recordedTrackId(mic.trackId, 2), ...layers },
      },
    ]);
  });

  it('keeps nothing while it is paused: neither of those who are there, nor of who comes', async () => {
    await recording.start(audit.nobody);
    expect(await recording.setPaused(true, audit.nobody)).to.include({ isPaused: true, state: 'recording' });
    const held = () =>
      nodes.asked.filter(({ name }) => name === 'track.hold').map(({ request }) => request['held']);
    expect(held()).to.deep.equal(['paused']);
    expect(askedOf('sfu').at(-1)).to.equal('tap.pause');
    mic.paused = true;
    producers = [mic, { ...mic, producerId: 'p2', trackId: randomUUID() as TrackId, source: 'camera' }];
    await recording.follows();
    expect(nodes.asked.findLast(({ name }) => name === 'track.start')?.request).to.include({
      held: 'paused',
    });
    expect(askedOf('sfu').filter(name => name === 'tap.start')).to.have.length(1);
    expect(await recording.setPaused(false, audit.nobody)).to.include({ isPaused: false });
    expect(held()).to.deep.equal(['paused', 'muted', 'muted']);
    expect(askedOf('sfu').filter(name => name === 'tap.start')).to.have.length(3);
    mic.paused = false;
    expect(told.map(({ isPaused }) => isPaused)).to.deep.equal([false, true, false]);
  });

  it('is not called paused while a tap still flows, or a recorder still keeps what comes', async () => {
    await recording.start(audit.nobody);
    for (const refused of ['tap.pause', 'track.hold']) {
      nodes.refuses = name => name === refused;
      const error = await recording.setPaused(true, audit.nobody).catch((thrown: AppError) => thrown);
      expect(error, refused).to.include({ code: 'node_unavailable' });
      nodes.refuses = () => false;
      await settled();
      expect(told.at(-1)).to.include({ isPaused: false });
    }
    const flow = askedOf('sfu').filter(name => name === 'tap.pause' || name === 'tap.start');
    expect(flow.at(-1)).to.equal('tap.start');
    expect(await recording.setPaused(true, audit.nobody)).to.include({ isPaused: true });
  });

  it('tells nobody that it is paused before it is, whoever else has asked for it', async () => {
    await recording.start(audit.nobody);
    nodes.refuses = name => name === 'tap.pause';
    const asked = [recording.setPaused(true, audit.nobody), recording.setPaused(true, audit.nobody)];
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(told.at(-1)).to.include({ isPaused: false });
  });

  it('stays paused when another recorder takes over, and when signaling comes back', async () => {
    await recording.start(audit.nobody);
    await recording.setPaused(true, audit.nobody);
    recorders.add(recorderLink('recorder-2', nodes.socket('recorder-2')));
    lose('recorder-1');
    mock.timers.tick(5_000);
    await settled();
    const started = () => nodes.asked.findLast(({ name }) => name === 'track.start');
    expect(started()).to.deep.include({ node: 'recorder-2' });
    expect(started()?.request).to.include({ held: 'paused' });
    const found = { ...announcement(randomUUID() as RecordingId, 'recorder-2', 1), paused: true };
    recording.announced(found);
    await settled();
    expect(told.at(-1)).to.include({ recordingId: found.recordingId, isPaused: true });
    expect(started()?.request).to.include({ held: 'paused', recordingId: found.recordingId });
  });

  it('counts down before it begins, and begins nothing when that is called off', async () => {
    const how = { countdownMs: 3_000, slate: true, by: 'Rita' };
    const begun = recording.start(audit.nobody, how);
    expect(recording.countdown.view).to.deep.equal({ leftMs: 3_000, by: 'Rita' });
    expect(recording.start(audit.nobody, how)).to.equal(begun);
    recording.countdown.callOff();
    const refused = await begun.catch((error: Error) => error.message);
    expect(refused).to.equal('The recording was called off.');
    expect(nodes.asked).to.deep.equal([]);
    expect(recording.countdown.view).to.equal(null);
    const again = recording.start(audit.nobody, how);
    mock.timers.tick(3_000);
    expect(await again).to.include({ state: 'recording' });
    expect(events).to.deep.equal(['countdown', 'none', 'countdown', 'none', 'slate']);
  });

  it('is tried without being begun, and says what would refuse it', async () => {
    expect(await recording.check()).to.deep.equal({ diskHours: 12 });
    expect(askedOf('recorder-1')).to.deep.equal(['recording.check']);
    recorders.remove(recorders.get('recorder-1'));
    const refused = await recording.check().catch((error: AppError) => error);
    expect(refused).to.include({ code: 'recording_refused' });
  });

  it('that was stopped while its recorder was away is closed when it dials in', async () => {
    const { recordingId } = await recording.start(audit.nobody);
    lose('recorder-1');
    expect(await recording.stop()).to.include({ state: 'draining' });
    expect(recording.announced(announcement(recordingId, 'recorder-1', 1))).to.equal('close');
  });
});
