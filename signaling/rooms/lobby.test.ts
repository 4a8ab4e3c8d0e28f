import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { OrganizationId, ParticipantId, RoomEvent, SessionId } from '../protocol/index.ts';
import { Lobbies } from './lobby.ts';
import type { Seat } from './seat.ts';

describe('a lobby', () => {
  const sessionId = randomUUID() as SessionId;
  let lobbies: Lobbies;
  let changes: number;
  beforeEach(() => {
    changes = 0;
    lobbies = new Lobbies(() => {
      changes += 1;
    });
  });

  const seat = (displayName: string): Seat => ({
    organizationId: randomUUID() as OrganizationId,
    sessionId,
    sessionTitle: 'Moon talk',
    region: 'ca',
    participantId: randomUUID() as ParticipantId,
    accountId: null,
    displayName,
    role: 'guest',
  });
  const socket = () => {
    const heard: RoomEvent[] = [];
    return { heard, isOpen: true, emit: (event: RoomEvent) => heard.push(event), close() {} };
  };
  const names = () => lobbies.of(sessionId).map(({ displayName }) => displayName);

  it('keeps the order in which people came, and forgets who goes', () => {
    const [ada, björn] = [seat('Ada'), seat('Björn')];
    const [hers, his] = [socket(), socket()];
    lobbies.wait(ada, hers);
    lobbies.wait(björn, his);
    expect(names()).to.deep.equal(['Ada', 'Björn']);
    lobbies.left(ada, hers);
    lobbies.left(ada, hers);
    expect(names()).to.deep.equal(['Björn']);
    expect(changes).to.equal(3);
  });

  it('has the newer of two tabs wait; that the older one closes changes nothing', () => {
    const ada = seat('Ada');
    const [older, newer] = [socket(), socket()];
    lobbies.wait(ada, older);
    lobbies.wait(ada, newer);
    expect(older.heard).to.deep.equal(['dismissed']);
    lobbies.left(ada, older);
    expect(names()).to.deep.equal(['Ada']);
  });

  it('takes out only who waits, and each of them once', () => {
    const ada = seat('Ada');
    lobbies.wait(ada, socket());
    const stranger = randomUUID() as ParticipantId;
    expect(lobbies.take(sessionId, [ada.participantId, stranger, ada.participantId])).to.have.lengthOf(1);
    expect(lobbies.take(sessionId, [ada.participantId])).to.deep.equal([]);
  });

  it('holds 200 people at most, and who is among them may come again', () => {
    const people = Array.from({ length: 200 }, (_, number) => seat(`Guest ${number}`));
    for (const person of people) lobbies.wait(person, socket());
    expect(() => lobbies.wait(seat('One more'), socket())).to.throw(/Too many people/);
    const [first] = people;
    if (first !== undefined) lobbies.wait(first, socket());
    expect(names()).to.have.lengthOf(200);
  });
});
