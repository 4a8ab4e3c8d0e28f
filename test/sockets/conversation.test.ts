import { randomUUID } from 'node:crypto';
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

  describe('what signaling has forgotten in a restart', () => {
    const givesBack = ({ socket }: Person, messages: object[], hand: number | null = null) =>
      say(socket, 'conversation.give-back', { messages, hand }) as Promise<Told<null>>;
    const kept = ({ messageId, text }: ChatMessage, agoMs: number) => ({ messageId, text, agoMs });
    const told = async (person: Person) =>
      (await joins(person)).chat.map(({ displayName, text }) => `${displayName}: ${text}`);

    it('is given back by the pages that are open, in its order, and reaches whoever comes later', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const [ada, bob] = [await session.come('guest', 'Ada'), await session.come('guest', 'Bob')];
      const { conversationId } = await joins(ada);
      const first = (await writes(ada, 'One')).ok as ChatMessage;
      const second = (await writes(bob, 'Two')).ok as ChatMessage;
      await say(bob.socket, 'hand.raise', {});
      await say(ada.socket, 'hand.raise', {});
      await stage.restart();
      const back = await Promise.all([host, ada, bob].map(person => session.connect(person)));
      const [hostBack, adaBack, bobBack] = back as [Person, Person, Person];
      for (const person of back) await joins(person);
      expect((await joins(adaBack)).conversationId).not.to.equal(conversationId);
      await writes(hostBack, 'Three');
      await givesBack(bobBack, [kept(second, 60_000)], 1);
      await givesBack(adaBack, [kept(first, 90_000)], 2);
      // Where its answer is lost, a page gives it back once more.
      await givesBack(adaBack, [kept(first, 91_000)], 2);
      expect(await hears(hostBack, 'chatSaid')).to.include({ text: 'Two', displayName: 'Bob' });
      const late = await session.come('guest', 'Larry');
      const all = ['Ada: One', 'Bob: Two', 'Rita: Three'];
      expect(await told(late)).to.deep.equal(all);
      const { participants } = await joins(late);
      const hands = participants.map(({ displayName, hand }) => [displayName, hand]);
      expect(Object.fromEntries(hands)).to.deep.equal({ Rita: null, Ada: 2, Bob: 1, Larry: null });
      await say(late.socket, 'hand.raise', {});
      await hears(hostBack, 'participantChanged', body => (body as ParticipantView).hand === 3);
    });

    it('is only one’s own: nobody speaks for another, nor now as if it had been before', async () => {
      const session = await stage.session();
      const ada = await session.come('guest', 'Ada');
      const eve = await session.come('guest', 'Eve');
      const said = (await writes(ada, 'I said this')).ok as ChatMessage;
      await givesBack(eve, [
        { ...kept(said, 3_600_000), text: 'No, this' },
        { messageId: randomUUID(), text: 'Just now', agoMs: 0 },
      ]);
      expect(await told(ada)).to.deep.equal(['Eve: No, this', 'Ada: I said this']);
      for (const wrong of [
        { ...kept(said, 5), participantId: ada.participantId },
        { ...kept(said, 5), displayName: 'Ada' },
        kept(said, -1),
        { ...kept(said, 5), text: ' ' },
      ])
        expect((await givesBack(eve, [wrong])).error?.code).to.equal('bad_request');
      expect((await givesBack(eve, Array(11).fill(kept(said, 5)))).error?.code).to.equal('bad_request');
    });

    it('raises no hand that was lowered meanwhile, and no more is kept than before', async () => {
      const session = await stage.session();
      const host = await session.hostComes();
      const ada = await session.come('guest', 'Ada');
      await givesBack(ada, [], 1);
      await say(host.socket, 'person.lower-hand', { participantId: ada.participantId });
      await givesBack(ada, [], 1);
      const { participants } = await joins(host);
      expect(participants.map(({ hand }) => hand)).to.deep.equal([null, null]);
      for (let part = 0; part < 25; part += 1) {
        const numbers = Array.from({ length: 10 }, (_, n) => part * 10 + n);
        await givesBack(
          ada,
          numbers.map(n => ({ messageId: randomUUID(), text: `${n}`, agoMs: 3_600_000 - n })),
        );
      }
      await writes(host, 'And now');
      const { chat } = await joins(host);
      expect(chat).to.have.length(200);
      expect([chat[0]?.text, chat.at(-2)?.text, chat.at(-1)?.text]).to.deep.equal(['51', '249', 'And now']);
    });
  });
});
