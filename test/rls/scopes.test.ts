import { randomBytes } from 'node:crypto';
import {
  apiTokens,
  asAccount,
  inOrganization,
  invitations,
  markers,
  memberInvitations,
  memberships,
  organizations,
  participants,
  shares,
  unscoped,
  withCapability,
} from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { roles, tenantTables } from './catalogue.ts';

interface Querying {
  query<Row>(text: string): Promise<Row[]>;
}

describe('walls between tenants: what each scope opens', () => {
  let test: TestDatabase;
  let mine: Tenant;
  let theirs: Tenant;
  let tables: string[];
  before(async () => {
    test = await createTestDatabase();
    mine = await createTenant(test);
    theirs = await createTenant(test);
    tables = await tenantTables(test);
  });
  after(() => test.close());

  /** Rows visible in each table; tables without any are left out. */
  async function visible(tx: Querying): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const [may] = await tx.query<{ may: boolean }>(
        `SELECT has_any_column_privilege('app.${table}', 'SELECT') AS may`,
      );
      if (may?.may !== true) continue;
      const [row] = await tx.query<{ rows: number }>(`SELECT count(*) AS rows FROM app.${table}`);
      if (row !== undefined && row.rows > 0) counts[table] = row.rows;
    }
    return counts;
  }

  it('shows nothing without a scope', async () => {
    expect(await unscoped(test.app, visible)).to.deep.equal({});
  });

  it('shows an account its memberships and their organizations', async () => {
    await asAccount(test.app, mine.accountId, async tx => {
      expect(await visible(tx)).to.deep.equal({ memberships: 1, organizations: 1 });
      expect((await organizations.ofAccount(tx)).map(o => o.organizationId)).to.deep.equal([
        mine.organizationId,
      ]);
    });
  });

  it('shows the holder of an invitation that invitation, its session and its organization', async () => {
    await withCapability(test.app, { kind: 'invitation', hash: mine.tokenHash }, async tx => {
      expect(await visible(tx)).to.deep.equal({ invitations: 1, organizations: 1, sessions: 1 });
      expect(await invitations.open(tx)).to.include({ sessionId: mine.sessionId, title: 'Episode 1' });
    });
  });

  it('shows whoever was invited into an organization that invitation and its organization', async () => {
    await withCapability(test.app, { kind: 'member-invitation', hash: mine.memberTokenHash }, async tx => {
      expect(await visible(tx)).to.deep.equal({ member_invitations: 1, organizations: 1 });
      expect(await memberInvitations.opened(tx)).to.include({ organizationName: 'Moon Radio' });
    });
  });

  it('shows an account nothing of an organization that it has left', async () => {
    const left = await createTenant(test);
    await inOrganization(test.app, left.organizationId, tx => memberships.end(tx, left.accountId));
    expect(await asAccount(test.app, left.accountId, visible)).to.deep.equal({});
  });

  it('shows the holder of a credential that seat, its session, its organization and its invitation', async () => {
    await withCapability(test.app, { kind: 'credential', hash: mine.credentialHash }, async tx => {
      expect(await visible(tx)).to.deep.equal({
        invitations: 1,
        organizations: 1,
        participants: 1,
        sessions: 1,
      });
      expect(await participants.bySeat(tx)).to.include({ participantId: mine.guestId, revoked: false });
    });
  });

  it('shows the holder of an API token that token, its organization and its maker’s membership', async () => {
    await withCapability(test.app, { kind: 'api-token', hash: mine.apiTokenHash }, async tx => {
      expect(await visible(tx)).to.deep.equal({ api_tokens: 1, memberships: 1, organizations: 1 });
      expect(await apiTokens.opened(tx)).to.deep.include({
        tokenId: mine.tokenId,
        scopes: ['sessions:read'],
        organization: {
          organizationId: mine.organizationId,
          name: 'Moon Radio',
          region: 'ca',
          role: 'owner',
          eraseAfter: null,
          isLocked: false,
        },
      });
    });
  });

  it('shows the holder of a link to a recording that link and its organization', async () => {
    await withCapability(test.app, { kind: 'share', hash: mine.shareHash }, async tx => {
      expect(await visible(tx)).to.deep.equal({ organizations: 1, shares: 1 });
      const { organizationId, recordingId, shareId } = mine;
      expect(await shares.open(tx)).to.include({ organizationId, recordingId, shareId, contents: 'all' });
    });
  });

  it('shows the worker, of an account, its own places and tracks, and what it did: also where it has left', async () => {
    const own = await createTenant(test);
    const { organizationId, accountId, sessionId, recordingId } = own;
    const seat = { sessionId, accountId, role: 'host', displayName: 'Rita' } as const;
    const { participantId } = await inOrganization(test.app, organizationId, tx =>
      participants.seatMember(tx, { ...seat, credentialHash: randomBytes(32) }),
    );
    const { rows } = await test.owner.query(
      `INSERT INTO app.stems (organization_id, recording_id, participant_id, source, position, name)
       VALUES ($1, $2, $3, 'mic', 9, '09-rita-mic') RETURNING stem_id`,
      [organizationId, recordingId, participantId],
    );
    await test.owner.query(
      `INSERT INTO app.stem_files (organization_id, stem_id, format, object_key, bytes) VALUES ($1, $2, 'wav', 'key', 44)`,
      [organizationId, rows[0].stem_id],
    );
    await inOrganization(test.app, organizationId, async tx => {
      await markers.insert(tx, recordingId, { atMs: 1, name: 'Mine', madeBy: 'Rita' }, accountId);
      await memberships.end(tx, accountId);
    });
    // The guest's stems are none of theirs, nor the marker that the guest set.
    expect(await asAccount(test.worker, accountId, visible)).to.deep.equal({
      ...{ audit_entries: 1, deletions: 1, markers: 1, memberships: 1, organizations: 1, participants: 1 },
      ...{ recordings: 2, sessions: 1, stem_files: 1, stems: 1 },
    });
    expect(
      await asAccount(test.worker, mine.accountId, tx => tx.query('SELECT FROM app.own_exports')),
    ).to.have.length(1);
    expect(await unscoped(test.worker, tx => tx.query('SELECT FROM app.own_exports'))).to.have.length(0);
  });

  it('opens nothing with a secret that is nobody’s, or of the other kind', async () => {
    for (const kind of ['invitation', 'member-invitation', 'credential', 'api-token', 'share'] as const) {
      const wrong = kind === 'invitation' ? mine.credentialHash : mine.tokenHash;
      for (const hash of [randomBytes(32), wrong, Buffer.alloc(0)])
        expect(await withCapability(test.app, { kind, hash }, visible)).to.deep.equal({});
    }
  });

  it('lets a capability and an account write nothing', async () => {
    const { organizationId } = mine;
    const scopes = [
      withCapability(test.app, { kind: 'invitation', hash: mine.tokenHash }, tx =>
        tx.change('UPDATE app.invitations SET revoked_at = NULL'),
      ),
      withCapability(test.app, { kind: 'credential', hash: mine.credentialHash }, tx =>
        tx.change(`UPDATE app.participants SET state = 'left'`),
      ),
      withCapability(test.app, { kind: 'share', hash: mine.shareHash }, tx =>
        tx.change('UPDATE app.shares SET ended_at = NULL'),
      ),
    ];
    expect(await Promise.all(scopes)).to.deep.equal([0, 0, 0]);
    const joined = await asAccount(test.app, theirs.accountId, tx =>
      tx.change(`INSERT INTO app.memberships (organization_id, account_id, role) VALUES ($1, $2, 'owner')`, [
        organizationId,
        theirs.accountId,
      ]),
    ).catch(error => error.message);
    expect(joined).to.match(/row-level security/);
  });

  it('lets a job be queued for the organization in scope only, and under a known name only', async () => {
    const enqueue = (name: string, organizationId: string) =>
      inOrganization(test.app, mine.organizationId, async tx => {
        const payload = JSON.stringify({ organizationId, recordingId: mine.recordingId });
        await tx.query(`SELECT app.enqueue_job('${name}', '${payload}', 'key')`);
        return 'queued';
      }).catch(error => error.message);
    expect(await enqueue('render-stems', mine.organizationId)).to.equal('queued');
    expect(await enqueue('render-stems', theirs.organizationId)).to.match(/whoever is in scope/);
    expect(await enqueue('drop-everything', mine.organizationId)).to.match(/no job is named/);
  });

  it('leaks nothing from one transaction to the next through a shared connection', async () => {
    const turns = Array.from({ length: 400 }, (_, turn) => async () => {
      const tenant = turn % 2 === 0 ? mine : theirs;
      if (turn % 5 === 0) {
        expect(await unscoped(test.app, visible)).to.deep.equal({});
        return;
      }
      const seen = await inOrganization(test.app, tenant.organizationId, async tx => {
        const rows = await tx.query<{ id: string }>('SELECT organization_id AS id FROM app.sessions');
        // Some of them fail, with their scope set.
        if (turn % 7 === 0) throw new Error('given up');
        return rows.map(row => row.id);
      }).catch((error: Error) => error.message);
      expect(seen).to.deep.equal(turn % 7 === 0 ? 'given up' : [tenant.organizationId]);
    });
    await Promise.all(turns.map(turn => turn()));
    expect(test.app.pool.totalCount).to.be.at.most(10);
  });

  it('gives each role the commands its code uses, and no more', async () => {
    const { rows } = await test.owner.query(
      `SELECT r AS role, c.relname AS table, string_agg(p, ' ' ORDER BY p) AS may
       FROM unnest($1::text[]) r, pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
       WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
         AND (has_table_privilege(r, c.oid, p) OR (p <> 'DELETE' AND has_any_column_privilege(r, c.oid, p)))
       GROUP BY 1, 2 ORDER BY 1, 2`,
      [roles],
    );
    expect(rows.map(({ role, table, may }) => `${role} ${table}: ${may}`)).to.deep.equal([
      'cratersync_app accounts: INSERT SELECT UPDATE',
      'cratersync_app api_tokens: INSERT SELECT UPDATE',
      'cratersync_app audit_entries: INSERT SELECT',
      'cratersync_app customer_keys: INSERT SELECT UPDATE',
      'cratersync_app deletions: DELETE INSERT SELECT',
      'cratersync_app devices: INSERT SELECT UPDATE',
      'cratersync_app email_changes: DELETE INSERT SELECT UPDATE',
      'cratersync_app exports: INSERT SELECT UPDATE',
      'cratersync_app gone_links: SELECT',
      'cratersync_app idempotency_keys: DELETE INSERT SELECT UPDATE',
      'cratersync_app invitations: INSERT SELECT UPDATE',
      'cratersync_app markers: DELETE INSERT SELECT UPDATE',
      'cratersync_app member_invitations: INSERT SELECT UPDATE',
      'cratersync_app memberships: INSERT SELECT UPDATE',
      'cratersync_app notice_acknowledgements: INSERT SELECT',
      'cratersync_app notices: SELECT',
      'cratersync_app organization_deletions: DELETE INSERT SELECT',
      'cratersync_app organizations: INSERT SELECT UPDATE',
      'cratersync_app own_exports: INSERT SELECT UPDATE',
      'cratersync_app participants: INSERT SELECT UPDATE',
      'cratersync_app passkey_challenges: DELETE INSERT SELECT',
      'cratersync_app passkeys: DELETE INSERT SELECT UPDATE',
      'cratersync_app past_memberships: INSERT SELECT',
      'cratersync_app recordings: INSERT SELECT UPDATE',
      'cratersync_app renders: INSERT SELECT UPDATE',
      'cratersync_app sessions: INSERT SELECT UPDATE',
      'cratersync_app shares: INSERT SELECT UPDATE',
      'cratersync_app sign_in_codes: DELETE INSERT SELECT UPDATE',
      'cratersync_app sign_in_links: DELETE INSERT SELECT',
      'cratersync_app stem_files: SELECT',
      'cratersync_app stems: INSERT SELECT UPDATE',
      'cratersync_app stripe_events: DELETE INSERT SELECT',
      'cratersync_app subscriptions: INSERT SELECT UPDATE',
      'cratersync_app unreachable_addresses: DELETE INSERT SELECT UPDATE',
      'cratersync_app web_sessions: DELETE INSERT SELECT UPDATE',
      'cratersync_app webhook_deliveries: DELETE INSERT SELECT UPDATE',
      'cratersync_app webhooks: DELETE INSERT SELECT UPDATE',
      'cratersync_worker accounts: SELECT UPDATE',
      'cratersync_worker api_tokens: DELETE SELECT UPDATE',
      'cratersync_worker audit_entries: DELETE INSERT SELECT',
      'cratersync_worker audit_tombstones: DELETE INSERT SELECT',
      'cratersync_worker customer_keys: DELETE SELECT UPDATE',
      'cratersync_worker dead_letters: DELETE INSERT SELECT',
      'cratersync_worker deletions: DELETE INSERT SELECT UPDATE',
      'cratersync_worker devices: DELETE SELECT',
      'cratersync_worker email_changes: DELETE SELECT',
      'cratersync_worker exports: DELETE SELECT UPDATE',
      'cratersync_worker gone_links: DELETE INSERT SELECT',
      'cratersync_worker idempotency_keys: DELETE SELECT',
      'cratersync_worker invitations: DELETE SELECT',
      'cratersync_worker job_names: SELECT',
      'cratersync_worker markers: DELETE SELECT UPDATE',
      'cratersync_worker member_invitations: DELETE SELECT UPDATE',
      'cratersync_worker memberships: DELETE SELECT UPDATE',
      'cratersync_worker notice_acknowledgements: DELETE SELECT',
      'cratersync_worker notice_mailings: INSERT SELECT UPDATE',
      'cratersync_worker notices: SELECT',
      'cratersync_worker organization_deletions: SELECT UPDATE',
      'cratersync_worker organizations: DELETE SELECT UPDATE',
      'cratersync_worker own_exports: SELECT UPDATE',
      'cratersync_worker participants: DELETE SELECT UPDATE',
      'cratersync_worker passkey_challenges: DELETE SELECT',
      'cratersync_worker passkeys: DELETE SELECT',
      'cratersync_worker past_memberships: DELETE SELECT',
      'cratersync_worker plan_rounds: SELECT UPDATE',
      'cratersync_worker recordings: DELETE SELECT UPDATE',
      'cratersync_worker renders: DELETE SELECT UPDATE',
      'cratersync_worker sessions: DELETE SELECT',
      'cratersync_worker shares: DELETE SELECT',
      'cratersync_worker sign_in_codes: DELETE SELECT',
      'cratersync_worker sign_in_links: DELETE SELECT',
      'cratersync_worker stem_files: DELETE INSERT SELECT',
      'cratersync_worker stems: DELETE SELECT UPDATE',
      'cratersync_worker subscriptions: DELETE SELECT UPDATE',
      'cratersync_worker unreachable_addresses: DELETE INSERT SELECT UPDATE',
      'cratersync_worker web_sessions: DELETE SELECT',
      'cratersync_worker webhook_deliveries: DELETE INSERT SELECT UPDATE',
      'cratersync_worker webhooks: DELETE SELECT UPDATE',
    ]);
  });
});
