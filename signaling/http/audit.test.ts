import { audit, inOrganization } from '@cratersync/db';
import { expect } from 'chai';
import type { OrganizationId } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('the audit log', () => {
  const test = useTestApp();
  let rita: Browser;
  let organizationId: OrganizationId;
  before(async () => {
    rita = await test.host('rita@example.org');
    organizationId = (await rita.get('/api/v1/me')).body.organization.organizationId;
  });

  const path = '/api/v1/organization/audit';
  const entries = async (query = '') => (await rita.get(path + query)).body.entries;
  const verify = () => inOrganization(test.db.app, organizationId, tx => audit.verify(tx));

  it('tells who did what to what, when, and from where', async () => {
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Moon talk' });
    const { body: link, headers } = await rita.post(`/api/v1/sessions/${session.sessionId}/invitations`);
    await rita.delete(`/api/v1/sessions/${session.sessionId}/invitations/${link.invitationId}`);
    const [revoked, created, made, founded] = await entries();
    expect(revoked).to.include({ action: 'guest-link.revoked', targetId: link.invitationId });
    expect(created).to.deep.include({
      sequence: 3,
      action: 'guest-link.created',
      actorKind: 'account',
      actorName: 'Rita',
      targetName: 'Moon talk',
      requestId: headers.get('x-request-id'),
      details: { role: 'guest', lifetimeHours: 168 },
    });
    expect(created.address).to.match(/127\.0\.0\.1$/);
    expect(Date.now() - Date.parse(created.at)).to.be.within(0, 60_000);
    expect(made).to.include({ action: 'session.created', targetName: 'Moon talk' });
    expect(founded).to.deep.include({ action: 'organization.created', details: { region: 'ca' } });
  });

  it('writes nothing of what did not happen', async () => {
    const before = (await entries()).length;
    const absent = '00000000-0000-4000-8000-000000000000';
    await rita.post(`/api/v1/sessions/${absent}/invitations`);
    await rita.delete(`/api/v1/sessions/${absent}/invitations/${absent}`);
    await rita.get(`/api/v1/recordings/${absent}/stems.zip`);
    await rita.post('/api/v1/sessions', { title: '' });
    expect(await entries()).to.have.lengthOf(before);
  });

  it('keeps the order when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => rita.post('/api/v1/sessions', { title: `Number ${i}` })),
    );
    const all = await entries();
    expect(all.map((each: { sequence: number }) => each.sequence)).to.deep.equal(
      Array.from(all, (_, i) => all.length - i),
    );
    expect(await verify()).to.include({ holds: true, entries: all.length });
  });

  it('is filtered, and exported as CSV and JSON', async () => {
    await rita.post('/api/v1/sessions', { title: '=1+1, "quoted"' });
    expect(await entries('?action=organization.created')).to.have.lengthOf(1);
    expect(await entries('?cursor=3')).to.have.lengthOf(2);
    expect(await entries('?from=2100-01-01T00:00:00Z')).to.have.lengthOf(0);
    expect(await entries('?to=2100-01-01T00:00:00Z')).not.to.have.lengthOf(0);
    const actor = (await rita.get('/api/v1/me')).body.accountId;
    expect(await entries(`?actor=${actor}`)).to.deep.equal(await entries());
    expect((await rita.get(`${path}?actor=me`)).status).to.equal(400);
    const csv = await rita.get(`${path}.csv`);
    expect(csv.headers.get('content-disposition')).to.contain('audit.csv');
    const [header, newest] = csv.body.split('\r\n');
    expect(header).to.match(/^sequence,at,actorKind,/);
    // No spreadsheet shall take a title for a formula.
    expect(newest).to.contain(`"'=1+1, ""quoted"""`);
    const lines: string[] = (await rita.get(`${path}.jsonl?action=session.created`)).body.trim().split('\n');
    expect(new Set(lines.map(line => JSON.parse(line).action))).to.deep.equal(new Set(['session.created']));
  });

  it('cannot be changed by the application, and shows what the database’s owner changed', async () => {
    for (const change of [`UPDATE app.audit_entries SET action = 'x'`, 'DELETE FROM app.audit_entries']) {
      const refused = inOrganization(test.db.app, organizationId, tx => tx.change(change));
      expect(await refused.catch(error => error.message)).to.match(/permission denied/);
    }
    const change = (statement: string) =>
      test.db.owner.query(`${statement} AND organization_id = '${organizationId}'`);
    await change(`UPDATE app.audit_entries SET details = '{"region":"fr"}' WHERE sequence = 1`);
    expect(await verify()).to.deep.equal({
      holds: false,
      sequence: 1,
      reason: 'it, or one before it, was changed',
    });
    await change(`UPDATE app.audit_entries SET details = '{"region":"ca"}' WHERE sequence = 1`);
    expect(await verify()).to.include({ holds: true });
    await change('DELETE FROM app.audit_entries WHERE sequence = 2');
    expect(await verify()).to.deep.equal({ holds: false, sequence: 2, reason: 'it is missing' });
  });
});
