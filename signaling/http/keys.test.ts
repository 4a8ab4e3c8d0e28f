import { customerKeys, inOrganization } from '@cratersync/db';
import { organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

const keyArn = 'arn:aws:kms:eu-west-3:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const roleArn = 'arn:aws:iam::444455556666:role/cratersync';

describe('an organization’s own key', () => {
  const test = useTestApp();
  let rita: Browser;
  const path = '/api/v1/organization/keys';
  before(async () => {
    rita = await test.host('rita@example.org');
  });
  const organizationId = async () =>
    organizationIdSchema.parse((await rita.get('/api/v1/me')).body.organization.organizationId);
  const actions = async () =>
    (await rita.get('/api/v1/organization/audit')).body.entries
      .filter(({ action }: { action: string }) => action.startsWith('key.'))
      .map(({ action, details }: { action: string; details: object }) => ({ action, details }));

  it('is entered by an owner, tried by the worker, and given back; each is written down', async () => {
    const nothing = {
      inUse: null,
      wanted: null,
      refused: null,
      progress: null,
      trouble: null,
      troubleSince: null,
    };
    expect((await rita.get(path)).body).to.deep.equal(nothing);
    const entered = await rita.post(path, { keyArn: ` ${keyArn} `, roleArn });
    expect(entered).to.include({ status: 202 });
    expect(entered.body).to.deep.include({ inUse: null, wanted: { keyArn, roleArn }, refused: null });
    const id = await organizationId();
    await inOrganization(test.db.worker, id, tx =>
      customerKeys.tried(tx, { keyArn, roleArn }, 'It is disabled.'),
    );
    expect((await rita.get(path)).body).to.include({ refused: 'It is disabled.' });
    await rita.post(path, { keyArn, roleArn });
    await inOrganization(test.db.worker, id, tx => customerKeys.tried(tx, { keyArn, roleArn }, null));
    const used = (await rita.get(path)).body;
    expect(used).to.deep.include({ inUse: { keyArn, roleArn }, wanted: null, refused: null });
    expect(used.progress).to.include({ finishedAt: null });
    const left = await rita.delete(path);
    expect(left.status).to.equal(202);
    expect(left.body).to.deep.include({ inUse: null, wanted: null });
    expect(await actions()).to.deep.equal([
      { action: 'key.given-back', details: {} },
      { action: 'key.brought', details: { keyArn } },
      { action: 'key.brought', details: { keyArn } },
    ]);
    // There is nothing to give back twice.
    await rita.delete(path);
    expect(await actions()).to.have.length(3);
  });

  it('has to be one in AWS KMS, with a region that leads to Amazon', async () => {
    for (const wrong of [
      '',
      'alias/mine',
      '1234abcd-12ab-34cd-56ef-1234567890ab',
      keyArn.replace('eu-west-3', 'evil.example.org/'),
      keyArn.replace('eu-west-3', 'eu-west-3.evil'),
      keyArn.replace(':key/', ':alias/'),
      `${keyArn}@evil`,
      `${keyArn}\n.evil`,
    ]) {
      const { status, body } = await rita.post(path, { keyArn: wrong, roleArn: null });
      expect([status, body.code], wrong).to.deep.equal([400, 'bad_request']);
    }
    for (const wrong of [
      'cratersync',
      'arn:aws:iam::444455556666:user/ada',
      'arn:aws:sts::444455556666:role/x',
    ])
      expect((await rita.post(path, { keyArn, roleArn: wrong })).status, wrong).to.equal(400);
  });

  it('is nothing that admins see', async () => {
    const admin = await test.member(rita, 'admin');
    for (const answer of [
      await admin.get(path),
      await admin.post(path, { keyArn, roleArn }),
      await admin.delete(path),
    ])
      expect(answer).to.deep.include({ status: 403 });
  });
});
