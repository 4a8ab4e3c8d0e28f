import type { participants } from '@cratersync/db';
import { expect } from 'chai';
import { AppError, type SessionRole, sessionRole } from '../protocol/index.ts';
import { wayIn } from './door.ts';

type Facts = Partial<participants.Seat>;

describe('the door of a session', () => {
  const good = {
    revoked: false,
    removed: false,
    admitted: false,
    closed: false,
    lobby: false,
    locked: false,
  };
  const member = { accountId: 'somebody' as participants.Seat['accountId'] };
  /** What the door says to each role. */
  const says = (facts: Facts): Record<SessionRole, string> => {
    const answer = (role: SessionRole): string => {
      try {
        return wayIn({ ...good, accountId: null, role, ...facts } as participants.Seat);
      } catch (error) {
        return error instanceof AppError ? error.code : String(error);
      }
    };
    return Object.fromEntries(sessionRole.options.map(role => [role, answer(role)])) as Record<
      SessionRole,
      string
    >;
  };
  const all = (answer: string): Record<SessionRole, string> => ({
    host: answer,
    'co-host': answer,
    guest: answer,
    producer: answer,
  });

  it('is open to everybody with a seat', () => {
    expect(says({})).to.deep.equal(all('enter'));
  });

  it('has guests and producers wait where there is a lobby, unless they were inside, or are members', () => {
    expect(says({ lobby: true })).to.deep.equal({ ...all('enter'), guest: 'wait', producer: 'wait' });
    expect(says({ lobby: true, admitted: true })).to.deep.equal(all('enter'));
    expect(says({ lobby: true, ...member })).to.deep.equal(all('enter'));
  });

  it('is locked for whoever is new and comes by a link', () => {
    expect(says({ locked: true, lobby: true })).to.deep.equal({ ...all('session_locked'), host: 'enter' });
    expect(says({ locked: true, admitted: true })).to.deep.equal(all('enter'));
    expect(says({ locked: true, ...member })).to.deep.equal(all('enter'));
  });

  it('opens only to a host once the session was ended', () => {
    expect(says({ closed: true, admitted: true })).to.deep.equal({ ...all('session_ended'), host: 'enter' });
  });

  it('is shut for whoever was removed, or whose link or membership has ended', () => {
    expect(says({ removed: true, admitted: true })).to.deep.equal(all('removed'));
    expect(says({ revoked: true, admitted: true })).to.deep.equal(all('link_invalid'));
    expect(says({ revoked: true, ...member })).to.deep.equal(all('membership_ended'));
  });
});
