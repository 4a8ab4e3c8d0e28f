import type { ChatMessage, ParticipantView, RoomView } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { say, type Told } from '../support/api.ts';
import { forget, hears, type Person, Stage } from './stage.ts';

const joins = async ({ socket }: Person) =>
  ((await say(socket, 'join', { resume: [] })) as { ok: RoomView }).ok;
const writes = ({ socket }: Person, text: unknown) =>
  say(socket, 'chat.send', { text }) as Promise<Told<ChatMessage>>;

describe('what people tell each other in a room', function () {
  this.timeout(60_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());

  describe('chat', () => {
    it('reaches everybody who is there as it was written, and whoever comes later or comes back', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const producer = await session.come('producer', 'Paul');
      const guest = await session.come('guest', 'Grace');
      const text = '<b onclick="alert(1)">2 < 3 & “so on”</b>';
      const { ok } = await writes(guest, `  ${text}\n`);
      expect(ok).to.include({ displayName: 'Grace', participantId: guest.participantId, text });
      for (const reader of [host, producer])
        expect(await hears(reader, 'chatSaid')).to.include({ text, messageId: ok?.messageId });
      await writes(producer, 'Louder, please');
      const late = await session.come('guest', 'Larry');
      for (const person of [late, guest])
        expect((await joins(person)).chat.map(message => [message.displayName, message.text])).to.deep.equal([
          ['Grace', text],
          ['Paul', 'Louder, please'],
        ]);
    });

    it('ends with the room: the next conversation begins with nothing', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      await writes(host, 'Only for us');
      await say(host.socket, 'leave', {});
      expect((await joins(host)).chat).to.deep.equal([]);
    });

    it('refuses nothing, too much, and too many at once; and says so', async () => {
      const session = await stage.session();
      const guest = await session.come('guest', 'Grace');
      const other = await session.come('guest', 'Olaf');
      for (const wrong of ['', '   ', 'x'.repeat(1001), 7, null])
        expect((await writes(guest, wrong)).error?.code).to.equal('bad_request');
      const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => writes(guest, `message ${n}`)));
      const refused = answers.filter(({ error }) => error?.code === 'too_many_requests');
      expect(refused.length).to.be.within(1, 2);
      expect(refused[0]?.error?.message).to.match(/Too many messages. Wait a few seconds/);
      expect((await writes(other, 'I may still')).ok).to.include({ text: 'I may still' });
      const { chat } = await joins(other);
      expect(chat).to.have.length(13 - refused.length);
    });

    it('keeps the end of a very long talk', async () => {
      const session = await stage.session();
      const people = await Promise.all(
        Array.from({ length: 25 }, (_, n) => session.come('guest', `Guest ${n}`)),
      );
      for (const [index, person] of people.entries())
        await Promise.all(Array.from({ length: 9 }, (_, n) => writes(person, `${index}:${n}`)));
      const { chat } = await joins(await session.hostComes());
      expect(chat).to.have.length(200);
      expect([chat[0]?.text, chat.at(-1)?.text]).to.deep.equal(['2:7', '24:8']);
    });
  });

  describe('how somebody’s page is doing', () => {
    const poor = { connection: 'poor', reason: 'bandwidth', isClipping: false };
    const report = ({ socket }: Person, condition: object) =>
      say(socket, 'condition.report', condition) as Promise<Told<null>>;

    it('is seen by the others as it was said last, also by whoever comes later', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const ada = await session.come('guest', 'Ada');
      await report(ada, { connection: 'good', reason: null, isClipping: true });
      await report(ada, poor);
      await hears(
        host,
        'participantChanged',
        body => (body as ParticipantView).condition?.reason === 'bandwidth',
      );
      const { participants } = await joins(host);
      expect(participants.map(({ condition }) => condition)).to.deep.equal([null, poor]);
    });

    it('is said in words that there are, and not all the time', async () => {
      const session = await stage.session();
      const ada = await session.come('guest', 'Ada');
      for (const wrong of [{}, { ...poor, connection: 'awful' }, { ...poor, more: 1 }])
        expect((await report(ada, wrong)).error?.code).to.equal('bad_request');
      const answers = await Promise.all(Array.from({ length: 12 }, () => report(ada, poor)));
      expect(answers.at(-1)?.error?.code).to.equal('too_many_requests');
    });
  });

  describe('a raised hand', () => {
    const handOf = (view: RoomView, { participantId }: Person) =>
      view.participants.find(each => each.participantId === participantId)?.hand;
    const hand = (person: Person, isUp: boolean) => (body: unknown) => {
      const { participantId, hand } = body as ParticipantView;
      return participantId === person.participantId && (hand !== null) === isUp;
    };

    it('is seen by all in the order in which they went up, also by whoever comes later', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const [ada, bob] = [await session.come('guest', 'Ada'), await session.come('producer', 'Bob')];
      await say(bob.socket, 'hand.raise', {});
      await say(ada.socket, 'hand.raise', {});
      await say(bob.socket, 'hand.raise', {});
      await hears(host, 'participantChanged', hand(ada, true));
      await hears(ada, 'participantChanged', hand(bob, true));
      const view = await joins(host);
      expect([handOf(view, bob), handOf(view, ada), handOf(view, host)]).to.deep.equal([1, 2, null]);
      forget(host);
      await say(bob.socket, 'hand.lower', {});
      await hears(host, 'participantChanged', hand(bob, false));
    });

    it('stays up while its owner reconnects, and comes down when a host lowers it', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const ada = await session.come('guest', 'Ada');
      await say(ada.socket, 'hand.raise', {});
      ada.socket.disconnect();
      await hears(host, 'participantChanged', body => (body as ParticipantView).state === 'reconnecting');
      const back = await session.connect(ada);
      await joins(back);
      expect(handOf(await joins(host), ada)).to.equal(1);
      await say(host.socket, 'person.lower-hand', { participantId: ada.participantId });
      await hears(back, 'participantChanged', hand(ada, false));
    });
  });
});
