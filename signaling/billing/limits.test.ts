import { createTenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import { plans, renderFormat } from '../protocol/index.ts';
import { BillingScene } from './fixtures/billing-scene.ts';

describe('the limits of a plan', function () {
  this.timeout(60_000);
  const scene = new BillingScene();

  it('make what can be ordered of a recording: mp3 in Free, everything in Pro', async () => {
    const tenant = await createTenant(scene.app.db);
    const owner = await scene.app.ownerOf(tenant);
    const order = (format: string) =>
      owner.post(`/api/v1/recordings/${tenant.recordingId}/renders`, {
        format,
        ...(['mp3', 'opus'].includes(format) && { stemId: tenant.stemId }),
      });
    for (const format of renderFormat.options) {
      const { status, body } = await order(format);
      const isIn = plans.free.formats.includes(format);
      if (isIn) expect(status, format).to.equal(202);
      else {
        expect([status, body.code], format).to.deep.equal([402, 'plan_limit']);
        expect(body.detail).to.match(new RegExp(`^${format} is not made in the plan`));
      }
    }
    // The stems themselves are nobody's to withhold.
    const { body } = await owner.get(`/api/v1/recordings/${tenant.recordingId}`);
    expect(body.stems.flatMap(({ files }: { files: unknown[] }) => files)).not.to.deep.equal([]);
    await scene.subscribe(owner, 'pro');
    for (const format of ['mix', 'opus'] as const) expect((await order(format)).status, format).to.equal(202);
  });

  it('let a key of one’s own be brought in Team, and not before; it can be given back in any', async () => {
    const rita = await scene.app.host('keeper@example.org');
    const key = {
      keyArn: 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      roleArn: null,
    };
    const refused = await rita.post('/api/v1/organization/keys', key);
    expect([refused.status, refused.body.code]).to.deep.equal([402, 'plan_limit']);
    expect((await rita.delete('/api/v1/organization/keys')).status).to.equal(202);
    await scene.subscribe(rita, 'team');
    expect((await rita.post('/api/v1/organization/keys', key)).status).to.equal(202);
  });

  it('take in as many members as there is room for, when they are invited and when they accept', async () => {
    const rita = await scene.app.host('rita@example.org');
    const invite = (email: string) =>
      rita.post('/api/v1/organization/invitations', { email, role: 'member' });
    const come = async (email: string, token: string) => {
      const own = await scene.app.signedIn(email);
      return own.post('/api/v1/member-invitations/accept', { token });
    };
    await invite('ada@example.org');
    const first = scene.app.mail.linkTo('/invitation');
    await invite('bea@example.org');
    const second = scene.app.mail.linkTo('/invitation');
    expect((await come('ada@example.org', first)).status).to.equal(200);
    const refused = await come('bea@example.org', second);
    expect([refused.status, refused.body.code]).to.deep.equal([402, 'plan_limit']);
    const invited = await invite('carl@example.org');
    expect([invited.status, invited.body.code]).to.deep.equal([402, 'plan_limit']);
    // With a larger plan the same invitation works.
    await scene.subscribe(rita, 'team');
    expect((await come('bea@example.org', second)).status).to.equal(200);
  });
});
