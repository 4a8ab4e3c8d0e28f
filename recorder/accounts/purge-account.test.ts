import { randomBytes, randomUUID } from 'node:crypto';
import {
  accountDeletions,
  accounts,
  apiTokens,
  asAccount,
  audit,
  type Database,
  deadLetters,
  devices,
  emailChanges,
  inOrganization,
  markers,
  memberInvitations,
  memberships,
  participants,
  passkeys,
  recordings,
  sessions,
  signInCodes,
  signInLinks,
  stems,
  unreachableAddresses,
  unscoped,
  webSessions,
} from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { createLog } from '@cratersync/infra/runtime';
import type { AccountId, MemberInvitationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { killedAtEveryStep, lifeOf } from '../fixtures/killed.ts';
import { purgeAccount } from './purge-account.ts';

const log = createLog('test', 'silent');
const MONTH_MS = 30 * 86_400_000;

describe('purging an account', function () {
  this.timeout(60_000);
  let db: TestDatabase;
  let tenant: Tenant;
  let former: Tenant;
  let accountId: AccountId;
  let email: string;
  let name: string;
  let letterId = 0;

  before(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    tenant = await createTenant(db);
    former = await createTenant(db);
    email = `${randomUUID()}@example.org`;
    name = `Ada ${randomUUID()}`;
    await furnish();
  });
  after(() => db.close());

  const scoped = <T>(work: Parameters<typeof inOrganization<T>>[2], place = tenant) =>
    inOrganization(db.app, place.organizationId, work);

  /** Somebody with something of theirs in every place. */
  async function furnish(): Promise<void> {
    await unscoped(db.app, async tx => {
      ({ accountId } = await accounts.findOrCreate(tx, email));
      await accounts.setProfile(tx, accountId, {
        displayName: name,
        timeZone: 'Europe/Paris',
        language: 'fr',
      });
      const browserHash = randomBytes(32);
      const { deviceId } = await devices.seen(tx, { accountId, browserHash, label: 'Firefox on Linux' });
      await webSessions.insert(tx, { tokenHash: randomBytes(32), accountId, deviceId, lifetimeMs: 60_000 });
      const code = { salt: randomBytes(16), browserHash, lifetimeMs: 60_000 };
      await signInCodes.replace(tx, { ...code, email, hash: randomBytes(32) });
      await signInLinks.replace(tx, { email, browserHash, tokenHash: randomBytes(32), lifetimeMs: 60_000 });
      await passkeys.insert(tx, {
        ...{
          credentialId: randomUUID(),
          accountId,
          publicKey: randomBytes(32),
          counter: 0,
          transports: [],
          label: 'Safari',
        },
      });
      await passkeys.keepChallenge(tx, {
        challenge: randomUUID(),
        browserHash,
        accountId,
        lifetimeMs: 60_000,
      });
      await emailChanges.replace(tx, {
        ...{ ...code, accountId, oldEmail: email, newEmail: `new-${email}` },
        ...{ oldHash: randomBytes(32), newHash: randomBytes(32) },
      });
    });
    await unscoped(db.worker, async tx => {
      await unreachableAddresses.mark(tx, { email, words: '550 nobody' });
      const letter = { kind: 'organization-kept', organizationName: 'Moon Radio', by: name };
      const job = { organizationId: tenant.organizationId, to: accountId, letter };
      const dead = {
        address: 'a***@example.org',
        reason: 'bounced',
        words: '550 nobody',
        attempts: 1,
      } as const;
      await deadLetters.keep(tx, { ...dead, letterId: String(++letterId), job });
    });
    for (const place of [tenant, former])
      await scoped(async tx => {
        const { memberInvitationId } = await invite(place);
        await memberInvitations.conclude(tx, memberInvitationId, 'accepted', accountId);
        await memberships.begin(tx, accountId, 'admin');
        const { sessionId } = await sessions.create(tx, { title: 'Hers', createdBy: accountId });
        const { participantId } = await participants.seatMember(tx, {
          ...{
            sessionId: place.sessionId,
            accountId,
            role: 'host',
            displayName: name,
            credentialHash: randomBytes(32),
          },
        });
        await markers.insert(tx, place.recordingId, { atMs: 1, name: 'Here', madeBy: name }, accountId);
        const noted = { markerId: randomUUID() as never, atMs: 2, name: 'There', madeBy: name };
        await markers.note(tx, place.recordingId, noted, participantId);
        await apiTokens.create(tx, {
          ...{ name: 'Hers', hint: 'abcd', tokenHash: randomBytes(32), scopes: ['sessions:read'] },
          ...{ createdBy: accountId, lifetimeMs: 60_000 },
        });
        await audit.append(tx, {
          ...{ actor: { kind: 'account', id: accountId }, action: 'session.created', details: {} },
          ...{ target: { kind: 'session', id: sessionId }, address: '', requestId: '' },
        });
      }, place);
    await scoped(async tx => {
      await apiTokens.revokeOf(tx, accountId);
      await memberships.end(tx, accountId);
    }, former);
    await asAccount(db.app, accountId, tx => accountDeletions.request(tx, MONTH_MS));
  }
  const invite = (place: Tenant): Promise<{ memberInvitationId: MemberInvitationId }> =>
    scoped(
      tx =>
        memberInvitations.replace(tx, {
          ...{
            email,
            role: 'admin',
            tokenHash: randomBytes(32),
            invitedBy: place.accountId,
            lifetimeMs: 60_000,
          },
        }),
      place,
    );

  const setDue = () =>
    db.owner.query(`UPDATE app.accounts SET purge_after = now() - interval '1 s' WHERE account_id = $1`, [
      accountId,
    ]);
  const purge = (confirmMs = 0, database: Database = db.worker) =>
    purgeAccount({ db: database, log, confirmMs }, accountId);
  const account = () => unscoped(db.app, tx => accounts.byId(tx, accountId));
  /** Every place in the application's own tables where a text stands. */
  async function placesOf(text: string): Promise<string[]> {
    const { rows } = await db.owner.query(
      `SELECT relname AS table FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r'`,
    );
    const found: string[] = [];
    for (const { table } of rows) {
      const where = `t::text LIKE '%' || $1 || '%'`;
      const { rowCount } = await db.owner.query(`SELECT FROM app.${table} t WHERE ${where}`, [text]);
      if (rowCount !== 0) found.push(table);
    }
    return found;
  }
  async function left(): Promise<number> {
    let count = 0;
    for (const table of ['devices', 'email_changes', 'passkey_challenges', 'passkeys', 'web_sessions']) {
      const { rowCount } = await db.owner.query(`SELECT FROM app.${table} WHERE account_id = $1`, [
        accountId,
      ]);
      count += rowCount ?? 0;
    }
    return count;
  }
  async function expectPurged(): Promise<void> {
    expect(await placesOf(email)).to.deep.equal([]);
    expect(await placesOf(name)).to.deep.equal([]);
    expect(await left()).to.equal(0);
    expect(await account()).to.equal(null);
    for (const place of [tenant, former]) {
      expect(await scoped(tx => memberships.byId(tx, accountId), place)).to.equal(null);
      expect((await scoped(tx => apiTokens.list(tx), place)).map(token => token.createdBy)).not.to.include(
        accountId,
      );
      const names = (await scoped(tx => markers.ofRecording(tx, place.recordingId), place)).map(
        ({ madeBy }) => madeBy,
      );
      expect(names).to.deep.equal(['Deleted person', 'Deleted person', 'Zoë Müller']);
      // What was done stays, by whom is an id that leads to nobody, and the chain holds.
      const entries = await scoped(tx => audit.list(tx, { actorId: accountId }, 10), place);
      expect(entries.map(({ action, actorName }) => [action, actorName])).to.deep.equal([
        ['session.created', null],
      ]);
      expect(await scoped(tx => audit.verify(tx), place)).to.include({ holds: true });
      const deleted = await scoped(tx => audit.list(tx, { action: 'member.deleted' }, 10), place);
      expect(deleted.map(({ target }) => target.id)).to.deep.equal(place === tenant ? [accountId] : []);
    }
  }

  it('leaves nothing but an id, and takes nothing from others', async () => {
    const others = await scoped(async tx => ({
      recording: await recordings.byId(tx, tenant.recordingId),
      stems: await stems.ofRecording(tx, tenant.recordingId),
      owner: await memberships.byId(tx, tenant.accountId),
    }));
    await setDue();
    await purge();
    await purge();
    await expectPurged();
    expect(
      await scoped(async tx => ({
        recording: await recordings.byId(tx, tenant.recordingId),
        stems: await stems.ofRecording(tx, tenant.recordingId),
        owner: await memberships.byId(tx, tenant.accountId),
      })),
    ).to.deep.equal(others);
    // The address is free again, and its next account is another one.
    const next = await unscoped(db.app, tx => accounts.findOrCreate(tx, email));
    expect(next.accountId).not.to.equal(accountId);
  });

  it('is not for whoever has come back, nor before it is time, and believes no clock that says so once', async () => {
    await purge();
    expect(await account()).to.include({ email });
    await setDue();
    await purge(600_000);
    await purge(600_000);
    expect(await account()).to.include({ email });
    expect(await asAccount(db.app, accountId, tx => accountDeletions.undo(tx))).to.equal(true);
    await purge();
    await purge();
    expect(await account()).to.deep.include({ email, purgeAfter: null });
  });

  it('cannot be undone once it has begun', async () => {
    await setDue();
    await purge();
    await purge(0, lifeOf(1).mortal(db.worker)).catch(() => undefined);
    expect(await asAccount(db.app, accountId, tx => accountDeletions.undo(tx))).to.equal(false);
    await purge();
    await expectPurged();
  });

  it('killed before any of its transactions, goes on and ends the same; two at once do it once', async () => {
    const steps = await killedAtEveryStep(
      async mortal => {
        await setDue();
        await purge();
        await purge(0, mortal(db.worker));
      },
      async () => {
        await Promise.all([purge(), purge()]);
        await expectPurged();
        // As it was, for the next death.
        tenant = await createTenant(db);
        former = await createTenant(db);
        await furnish();
      },
    );
    expect(steps).to.be.greaterThan(3);
  });
});
