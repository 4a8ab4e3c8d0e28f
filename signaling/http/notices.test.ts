import { audit, inOrganization } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('notices to owners', function () {
  this.timeout(60_000);
  const test = useTestApp();
  let tenant: Tenant;
  let rita: Browser;
  let noticeId: string;

  before(async () => {
    tenant = await createTenant(test.db);
    rita = await test.ownerOf(tenant);
    const { rows } = await test.db.owner.query(
      `INSERT INTO app.notices (kind, version, effective_at, title_en, text_en, title_fr, text_fr)
       VALUES ('privacy', 1, now() + interval '31 days', 'New policy', 'One.', 'Nouvelle politique', 'Un.')
       RETURNING notice_id`,
    );
    noticeId = rows[0].notice_id;
  });

  const shown = async (browser: Browser) =>
    (await browser.get('/api/v1/notices')).body.notices.find(
      (notice: { noticeId: string }) => notice.noticeId === noticeId,
    );
  const acknowledge = (browser: Browser) => browser.post(`/api/v1/notices/${noticeId}/acknowledgement`);

  it('are shown to all members, and pend for owners alone until they have taken note, which is written down', async () => {
    expect(await shown(rita)).to.deep.include({
      ...{ kind: 'privacy', version: 1, state: 'announced', isPending: true, acknowledgements: [] },
      texts: { en: { title: 'New policy', text: 'One.' }, fr: { title: 'Nouvelle politique', text: 'Un.' } },
    });
    const admin = await test.member(rita, 'admin');
    admin.cookies.set('cratersync-organization', tenant.organizationId);
    expect((await shown(admin)).isPending).to.equal(false);
    expect((await acknowledge(admin)).status).to.equal(403);
    expect((await acknowledge(rita)).status).to.equal(204);
    expect((await acknowledge(rita)).status).to.equal(204);
    const after = await shown(rita);
    expect(after.isPending).to.equal(false);
    expect(after.acknowledgements.map(({ by }: { by: string }) => by)).to.deep.equal(['Rita']);
    const entries = await inOrganization(test.db.app, tenant.organizationId, tx =>
      audit.list(tx, { action: 'notice.acknowledged' }, 10),
    );
    expect(entries.map(({ actorName, targetName }) => [actorName, targetName])).to.deep.equal([
      ['Rita', 'New policy'],
    ]);
  });

  it('pend for whoever becomes an owner later, and in another organization', async () => {
    const late = await test.member(rita, 'admin');
    const { accountId } = (await late.get('/api/v1/me')).body;
    await rita.patch(`/api/v1/organization/members/${accountId}`, { role: 'owner' });
    expect((await shown(late)).isPending).to.equal(true);
    expect((await shown(await test.host('other-owner@example.org'))).acknowledgements).to.deep.equal([]);
  });
});
