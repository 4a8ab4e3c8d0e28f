import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import {
  type ChatMessage,
  type ParticipantView,
  type RoomView,
  recordingId,
  rtpCapabilities,
  sessionId,
  sessionRole,
} from '../protocol.ts';
import { person, roomWith, sent } from './fixtures/room.ts';
import {
  applyChange,
  leads,
  lightOf,
  type RecordingInRoom,
  raisedHands,
  recordedMs,
  remoteProducers,
  roomFromView,
  sends,
  toGiveBack,
} from './room-state.ts';

const you = person('Ada');
const grace = person('Grace');
const micOf = (owner: ParticipantView) => sent(owner, 'mic');
const room = roomWith([you, grace]);
const recording: RecordingInRoom = {
  recordingId: recordingId.parse(randomUUID()),
  state: 'recording',
  elapsedMs: 60_000,
  reason: null,
  isPaused: false,
  receivedAtMs: 1_000,
};

const message = (text: string, agoMs = 0): ChatMessage => ({
  messageId: randomUUID(),
  participantId: grace.participantId,
  displayName: 'Grace',
  text,
  agoMs,
});
const view = (chat: ChatMessage[]): RoomView => ({
  ...room,
  sessionId: sessionId.parse(randomUUID()),
  participants: [...room.participants],
  producers: [],
  waiting: [],
  conversationId: randomUUID(),
  chat,
  recording: null,
  countdown: null,
  markers: [],
  routerRtpCapabilities: rtpCapabilities.parse({}),
  resumed: false,
});

describe('room state', () => {
  it('keeps what was written once, in order, also when the server has forgotten it', () => {
    const [first, second] = [message('One', 60_000), message('Two')];
    const joined = roomFromView(view([first, second]), 0);
    const told = applyChange(joined, { event: 'chatSaid', body: second }, 0);
    expect(told.chat.map(({ text }) => text)).to.deep.equal(['One', 'Two']);
    const [one, two] = told.chat.map(({ saidAt }) => saidAt.getTime());
    expect((two ?? 0) - (one ?? 0)).to.be.closeTo(60_000, 1000);
    const third = message('Three');
    const again = roomFromView(view([third]), 0, told);
    expect(again.chat.map(({ text }) => text)).to.deep.equal(['One', 'Two', 'Three']);
  });

  it('puts what was given back where it was said, and nobody’s message in place of another’s', () => {
    const [first, last] = [message('First', 60_000), message('Last', 1_000)];
    const joined = roomFromView(view([last]), 0);
    const forged = { ...last, participantId: you.participantId, text: 'Forged', agoMs: 30_000 };
    const told = [first, forged].reduce(
      (state, body) => applyChange(state, { event: 'chatSaid', body }, 0),
      joined,
    );
    expect(told.chat.map(({ text }) => text)).to.deep.equal(['First', 'Forged', 'Last']);
  });

  it('gives back what this page has written, with its times, in parts, and the hand once', () => {
    const own = Array.from({ length: 12 }, (_, n) => ({
      ...message(`own ${n}`, 60_000 - n),
      participantId: you.participantId,
    }));
    const parts = toGiveBack(roomFromView(view([message('theirs'), ...own]), 0), 3);
    expect(parts.map(({ hand, messages }) => [hand, messages.length])).to.deep.equal([
      [3, 10],
      [null, 2],
    ]);
    const messages = parts.flatMap(part => part.messages);
    expect(messages.map(({ messageId, text }) => [messageId, text])).to.deep.equal(
      own.map(({ messageId, text }) => [messageId, text]),
    );
    expect(messages[0]?.agoMs).to.be.closeTo(60_000, 1000);
  });

  it('lists raised hands in the order in which they went up', () => {
    const up = (who: ParticipantView, hand: number) => ({ ...who, hand });
    const participants = [up(you, 3), grace, up(person('Zoë'), 1)];
    expect(raisedHands({ ...room, participants }).map(({ displayName }) => displayName)).to.deep.equal([
      'Zoë',
      'Ada',
    ]);
  });

  it('adds who comes, keeps the order of who changes, and drops who leaves', () => {
    const linus = person('Linus');
    const come = applyChange(room, { event: 'participantChanged', body: linus }, 0);
    const away: ParticipantView = { ...grace, state: 'reconnecting' };
    const changed = applyChange(come, { event: 'participantChanged', body: away }, 0);
    expect(changed.participants).to.deep.equal([you, away, linus]);
    const left = applyChange(changed, { event: 'participantChanged', body: { ...grace, state: 'left' } }, 0);
    expect(left.participants).to.deep.equal([you, linus]);
  });

  it('consumes what others send, and nothing of its own', () => {
    const both = [micOf(you), micOf(grace)].reduce(
      (before, body) => applyChange(before, { event: 'producerOpened', body }, 0),
      room,
    );
    expect(remoteProducers(both)).to.deep.equal([micOf(grace)]);
    const closed = applyChange(
      both,
      { event: 'producerClosed', body: { producerId: micOf(grace).producerId } },
      0,
    );
    expect(remoteProducers(closed)).to.be.empty;
  });

  it('knows who waits, how people come in, and what this person is now', () => {
    const { state: _, ...linus } = person('Linus');
    const knocked = applyChange(room, { event: 'lobbyChanged', body: { waiting: [linus] } }, 0);
    expect(knocked.waiting).to.deep.equal([linus]);
    const settings = { lobby: true, locked: false };
    expect(applyChange(knocked, { event: 'settingsChanged', body: settings }, 0).settings).to.equal(settings);
    const promoted: ParticipantView = { ...you, role: 'co-host' };
    const led = applyChange(knocked, { event: 'participantChanged', body: promoted }, 0);
    expect(leads(led.you.role)).to.equal(true);
  });

  it('gives everybody but producers a place among those who are seen', () => {
    expect(sessionRole.options.filter(sends)).to.deep.equal(['host', 'co-host', 'guest']);
    expect(sessionRole.options.filter(leads)).to.deep.equal(['host', 'co-host']);
  });

  it('counts on by this page’s clock while it records, and stands still afterwards', () => {
    expect(recordedMs(recording, 4_500)).to.equal(63_500);
    expect(recordedMs(recording, 900)).to.equal(60_000);
    expect(recordedMs({ ...recording, state: 'finalizing' }, 4_500)).to.equal(60_000);
  });

  it('notes by its own clock when a recording was heard of', () => {
    const { receivedAtMs: _, ...body } = recording;
    const changed = applyChange(room, { event: 'recordingChanged', body }, 7_000);
    expect(changed.recording?.receivedAtMs).to.equal(7_000);
  });

  it('keeps the newest word on how far it is safe, of this recording and while it is on', () => {
    const on = applyChange(room, { event: 'recordingChanged', body: recording }, 0);
    const body = { recordingId: recording.recordingId, elapsedMs: 61_000, tracks: [] };
    const other = { ...body, recordingId: recordingId.parse(randomUUID()) };
    const told = applyChange(on, { event: 'recordingProgress', body }, 700);
    expect(told.progress).to.deep.equal({ ...body, receivedAtMs: 700 });
    const unchanged = applyChange(told, { event: 'recordingProgress', body: other }, 800);
    expect(unchanged.progress).to.equal(told.progress);
    const stopped = { ...recording, state: 'draining' as const };
    expect(applyChange(told, { event: 'recordingChanged', body: stopped }, 0).progress).to.equal(null);
  });

  it('shows the red light only while it really records', () => {
    expect(lightOf(null)).to.equal('off');
    expect(lightOf({ ...recording, state: 'starting' })).to.equal('starting');
    expect(lightOf(recording)).to.equal('on');
    expect(lightOf({ ...recording, state: 'draining' })).to.equal('finishing');
    expect(lightOf({ ...recording, state: 'incomplete' })).to.equal('off');
  });
});
