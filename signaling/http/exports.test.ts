import { asAccount, exports, inOrganization } from '@cratersync/db';
import { Sealer } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import type { AccountId, ExportId, OrganizationId } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { sealingKey, useTestApp, workerSecret } from './fixtures/test-app.ts';

const file = Buffer.from('an encrypted file');
const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

describe('exports', () => {
  const asked: string[] = [];
  const test = useTestApp({
    worker: (request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`);
      response
        .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.length })
        .end(file);
    },
  });
  let rita: Browser;
  let organizationId: OrganizationId;
  let accountId: AccountId;
  beforeEach(async () => {
    rita = await test.host(`rita-${Math.random()}@example.org`);
    const { body } = await rita.get('/api/v1/me');
    ({ accountId } = body);
    organizationId = body.organization.organizationId;
  });

  const ORDER = { what: 'stems', passphrase: 'seven words that nobody knows' };
  const order = (by = rita, body: object = ORDER) => by.post('/api/v1/organization/exports', body);
  const actions = async () =>
    (await rita.get('/api/v1/organization/audit')).body.entries.map(
      (each: { action: string }) => each.action,
    );
  const jobs = async () => {
    const { rows } = await test.db.owner.query(
      `SELECT t.identifier, j.payload FROM graphile_worker._private_jobs j
       JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier LIKE '%-export%' ORDER BY j.id`,
    );
    return rows;
  };
  /** As the worker leaves it. */
  const finish = (exportId: ExportId) =>
    inOrganization(test.db.worker, organizationId, async tx => {
      await exports.begin(tx, exportId);
      const turn = { exportId, turn: 1 };
      await exports.prepared(tx, turn, { head: Buffer.from('head'), secret: Buffer.alloc(1), allSteps: 3 });
      await exports.finish(tx, turn, { bytes: 13, leftOut: 2, lifetimeMs: 60_000 });
    });

  it('are ordered by owners, one at a time, and cancelled', async () => {
    const { status, body } = await order();
    expect(status).to.equal(202);
    expect(body).to.deep.include({
      what: 'stems',
      lockedBy: 'passphrase',
      state: 'waiting',
      progress: 0,
      url: null,
    });
    expect(JSON.stringify(body)).not.to.contain('seven words');
    expect((await jobs()).at(-1)).to.deep.equal({
      identifier: 'write-export:ca',
      payload: { organizationId, exportId: body.exportId },
    });
    expect((await order()).body).to.include({ code: 'conflict' });
    const path = `/api/v1/organization/exports/${body.exportId}`;
    expect((await rita.delete(path)).status).to.equal(204);
    expect((await rita.delete(path)).status).to.equal(409);
    expect((await jobs()).at(-1)?.identifier).to.equal('expire-export:ca');
    expect((await order(rita, { what: 'recordings', recipient })).status).to.equal(202);
    const { body: list } = await rita.get('/api/v1/organization/exports');
    expect(list.exports.map((each: { state: string }) => each.state)).to.deep.equal(['waiting', 'cancelled']);
    expect((await actions()).slice(0, 3)).to.deep.equal([
      'export.ordered',
      'export.cancelled',
      'export.ordered',
    ]);
  });

  it('keep the passphrase sealed, and forget it when they are cancelled', async () => {
    const { body } = await order();
    const secretOf = async () => {
      const { rows } = await test.db.owner.query('SELECT secret FROM app.exports WHERE export_id = $1', [
        body.exportId,
      ]);
      return rows[0].secret;
    };
    const sealed = await secretOf();
    expect(sealed.includes('seven words')).to.equal(false);
    const opened = new Sealer(sealingKey).open(sealed, `export ${organizationId} ${body.exportId}`);
    expect(JSON.parse(opened.toString()).lock).to.deep.equal({ passphrase: ORDER.passphrase });
    await rita.delete(`/api/v1/organization/exports/${body.exportId}`);
    expect(await secretOf()).to.equal(null);
  });

  it('are refused with a reason where they make no sense', async () => {
    const wrong: [object, RegExp][] = [
      [{ what: 'stems' }, /one of them/],
      [{ ...ORDER, recipient }, /one of them/],
      [{ what: 'stems', passphrase: 'short' }, /at least 12 characters/],
      [{ what: 'stems', recipient: 'AGE-SECRET-KEY-1' }, /begins with age1/],
      [{ what: 'stems', recipient: `${recipient}x` }, /no age public key/],
      [{ ...ORDER, what: 'all' }, /what/],
    ];
    for (const [body, says] of wrong) {
      const answer = await order(rita, body);
      expect(answer.status, JSON.stringify(body)).to.equal(400);
      expect(answer.body.detail ?? answer.body.message).to.match(says);
    }
  });

  it('need a sign-in that is not long ago', async () => {
    await test.db.owner.query(
      `UPDATE app.web_sessions SET created_at = now() - interval '16 minutes' WHERE account_id = $1`,
      [accountId],
    );
    for (const path of ['/api/v1/organization/exports', '/api/v1/me/exports']) {
      const { what: _, ...own } = ORDER;
      const { status, body } = await rita.post(path, path.includes('/me/') ? own : ORDER);
      expect([status, body.code], path).to.deep.equal([403, 'sign_in_again']);
    }
  });

  it('are downloaded by owners alone, by a link that ends, and each download is written down', async () => {
    const { exportId } = (await order()).body;
    await finish(exportId);
    const { body } = await rita.get('/api/v1/organization/exports');
    expect(body.exports[0]).to.deep.include({ state: 'ready', bytes: 17, leftOut: 2, progress: 1 });
    const { url } = body.exports[0];
    expect((await rita.get(url)).body).to.equal(file.toString());
    expect(asked.at(-1)).to.equal(
      `Bearer ${workerSecret} /organizations/${organizationId}/exports/${exportId}`,
    );
    expect((await actions())[0]).to.equal('export.downloaded');
    expect((await rita.get(url.replace(/signature=.*/, 'signature=x'))).body.code).to.equal(
      'download_link_ended',
    );
    const admin = await test.member(rita, 'admin');
    expect((await admin.get(url)).body.code).to.equal('forbidden');
    expect((await (await test.host('stranger@example.org')).get(url)).status).to.be.oneOf([403, 404]);
  });

  it('of oneself are one’s own: also for whoever is in no organization', async () => {
    const { what: _, ...own } = ORDER;
    const { status, body } = await rita.post('/api/v1/me/exports', own);
    expect(status).to.equal(202);
    expect((await jobs()).at(-1)?.payload).to.deep.equal({ accountId, exportId: body.exportId });
    await asAccount(test.db.worker, accountId, async tx => {
      await exports.begin(tx, body.exportId);
      const turn = { exportId: body.exportId, turn: 1 };
      await exports.prepared(tx, turn, { head: Buffer.from('head'), secret: Buffer.alloc(1), allSteps: 1 });
      await exports.finish(tx, turn, { bytes: 13, leftOut: 0, lifetimeMs: 60_000 });
    });
    const { url } = (await rita.get('/api/v1/me/exports')).body.exports[0];
    expect((await rita.get(url)).status).to.equal(200);
    expect(asked.at(-1)).to.contain(` /accounts/${accountId}/exports/${body.exportId}`);
    const other = await test.signedIn('other@example.org');
    expect((await other.get(url)).status).to.equal(404);
    expect((await other.get('/api/v1/me/exports')).body.exports).to.deep.equal([]);
    expect((await other.post('/api/v1/me/exports', own)).status).to.equal(202);
  });
});
