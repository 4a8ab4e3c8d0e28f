import { type Database, inOrganization, invitations } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { type AppError, errors, type ParticipantId } from '../protocol/index.ts';
import { Evictions } from './evictions.ts';
import type { Rooms } from './rooms.ts';

describe('people who have to leave', () => {
  let test: TestDatabase;
  let mine: Tenant;
  let theirs: Tenant;
  before(async () => {
    test = await createTestDatabase();
    [mine, theirs] = await Promise.all([createTenant(test), createTenant(test)]);
    await inOrganization(test.app, mine.organizationId, tx =>
      invitations.revoke(tx, mine.sessionId, mine.invitationId),
    );
  });
  after(() => test.close());

  /** @param failures how many transactions fail before the database is back */
  function among(people: { tenant: Tenant; where: 'room' | 'connected' }[], failures = 0) {
    const dismissed: [string, ParticipantId, string][] = [];
    const note = (where: string, id: ParticipantId, error: AppError) =>
      dismissed.push([where, id, error.code]);
    const inRoom = people.filter(({ where }) => where === 'room').map(({ tenant }) => tenant);
    const rooms = {
      of: (organizationId: string) =>
        inRoom
          .filter(tenant => tenant.organizationId === organizationId)
          .map(({ guestId }) => ({
            participantIds: [guestId],
            dismiss: async (id: ParticipantId, error: AppError) => note('room', id, error),
          })),
    };
    const connected = people.map(({ tenant: { organizationId, guestId: participantId } }) => ({
      organizationId,
      participantId,
      dismiss: (error: AppError) => note('connected', participantId, error),
    }));
    let left = failures;
    const connect = () => {
      left -= 1;
      return left >= 0 ? Promise.reject(errors.unavailable('database')) : test.app.pool.connect();
    };
    const evictions = new Evictions({
      db: { ...test.app, pool: { connect } as unknown as Database['pool'] },
      rooms: rooms as unknown as Rooms,
      connected: () => connected,
      log: createLog('test', 'silent'),
    });
    return { evictions, dismissed };
  }

  it('leave the room, and every connection of theirs, and nobody else does', async () => {
    const { evictions, dismissed } = among([
      { tenant: mine, where: 'room' },
      { tenant: theirs, where: 'room' },
    ]);
    await evictions.sweep(mine.organizationId);
    await evictions.sweep(theirs.organizationId);
    expect(dismissed).to.deep.equal([
      ['room', mine.guestId, 'link_invalid'],
      ['connected', mine.guestId, 'link_invalid'],
    ]);
  });

  it('leave who are connected and have not joined yet', async () => {
    const { evictions, dismissed } = among([{ tenant: mine, where: 'connected' }]);
    await evictions.sweep(mine.organizationId);
    expect(dismissed).to.deep.equal([['connected', mine.guestId, 'link_invalid']]);
  });

  it('leave also when the database is away just then, as soon as it is back', async () => {
    const { evictions, dismissed } = among([{ tenant: mine, where: 'room' }], 2);
    await evictions.sweep(mine.organizationId);
    expect(dismissed).to.have.lengthOf(2);
  });
});
