import { Sealer, webhookSecretOf } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { sealingKey, startTestApp, useTestApp } from './fixtures/test-app.ts';

const hooks = '/api/v1/organization/webhooks';
const events = ['recording.complete', 'recording.stems_ready'];

describe('webhooks on the page', () => {
  const test = useTestApp();
  let rita: Browser;
  before(async () => {
    rita = await test.host('rita@example.org');
  });

  const make = async (url = 'https://example.org/hook') => (await rita.post(hooks, { url, events })).body;
  const newest = async () => (await rita.get('/api/v1/organization/audit')).body.entries[0];

  it('show their secret once; in the database it is sealed, for this webhook of this organization', async () => {
    const { secret, ...webhook } = await make();
    expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { body } = await rita.get(hooks);
    expect(body.webhooks).to.deep.include(webhook);
    expect(JSON.stringify(body)).not.to.contain(secret);
    const { rows } = await test.db.owner.query(
      `SELECT organization_id AS id, secret_sealed AS sealed, w::text AS row FROM app.webhooks w WHERE webhook_id = $1`,
      [webhook.webhookId],
    );
    const key = Buffer.from(secret.slice(6), 'base64');
    expect(rows[0].sealed.includes(key)).to.equal(false);
    const opened = new Sealer(sealingKey).open(
      rows[0].sealed,
      webhookSecretOf(rows[0].id, webhook.webhookId),
    );
    expect(opened.equals(key)).to.equal(true);
  });

  it('lead into the internet, over TLS', async () => {
    const refused: Record<string, RegExp> = {
      'http://example.org/': /https/,
      'ftp://example.org/': /https/,
      'https://rita:secret@example.org/': /password/,
      'https://localhost/': /not on this network/,
      'https://intranet/': /not on this network/,
      'https://printer.local/': /not on this network/,
      'https://127.0.0.1/': /not on this network/,
      'https://0x7f.1/': /not on this network/,
      'https://[::1]/': /not on this network/,
      'https://[::ffff:10.0.0.1]/': /not on this network/,
      'https://169.254.169.254/latest/meta-data': /not on this network/,
      nowhere: /no address/,
    };
    for (const [url, message] of Object.entries(refused)) {
      const { status, body } = await rita.post(hooks, { url, events });
      expect(status, url).to.equal(400);
      expect(body.detail, url).to.match(message);
    }
    for (const wrong of [[], ['recording.erased'], ['recording.complete', 'recording.complete']])
      expect((await rita.post(hooks, { url: 'https://example.org/', events: wrong })).status).to.equal(400);
  });

  it('may lead to this network where the operator allows it', async () => {
    const own = await startTestApp(test.db, { webhookAllowPrivate: true });
    const zoe = await own.host('zoe@example.org');
    const { status, body } = await zoe.post(hooks, { url: 'http://127.0.0.1:8080/hook', events });
    expect([status, body.url]).to.deep.equal([201, 'http://127.0.0.1:8080/hook']);
    await own.close();
  });

  it('are switched off and on, told of other events, and deleted; all of it stands in the audit log', async () => {
    const { webhookId } = await make('https://hooks.example.org/T0K3N');
    expect(await newest()).to.deep.include({
      action: 'webhook.created',
      targetId: webhookId,
      details: { host: 'hooks.example.org', events: events.join(' ') },
    });
    const off = await rita.patch(`${hooks}/${webhookId}`, { enabled: false });
    expect(off.body.disabledReason).to.match(/Somebody/);
    expect((await rita.post(`${hooks}/${webhookId}/test`)).status).to.equal(409);
    const on = await rita.patch(`${hooks}/${webhookId}`, { enabled: true, events: ['recording.started'] });
    expect(on.body).to.deep.include({
      disabledAt: null,
      disabledReason: null,
      events: ['recording.started'],
    });
    expect(await newest()).to.deep.include({ action: 'webhook.changed', actorName: 'Rita' });
    expect((await rita.delete(`${hooks}/${webhookId}`)).status).to.equal(204);
    expect(await newest()).to.deep.include({
      action: 'webhook.deleted',
      details: { host: 'hooks.example.org' },
    });
    expect((await rita.get(`${hooks}/${webhookId}/deliveries`)).status).to.equal(404);
  });

  it('list what they were sent, and send it once more', async () => {
    const { webhookId } = await make();
    const { deliveryId } = (await rita.post(`${hooks}/${webhookId}/test`)).body;
    await test.db.owner.query('UPDATE app.webhook_deliveries SET failed_at = now() WHERE delivery_id = $1', [
      deliveryId,
    ]);
    const listed = (await rita.get(`${hooks}/${webhookId}/deliveries`)).body.deliveries;
    expect(listed.map((each: { state: string }) => each.state)).to.deep.equal(['failed']);
    const again = await rita.post(`${hooks}/${webhookId}/deliveries/${deliveryId}/replay`);
    expect([again.status, again.body.state]).to.deep.equal([202, 'waiting']);
    expect(await newest()).to.deep.include({ action: 'webhook.replayed', targetId: webhookId });
    const { webhookId: other } = await make();
    expect((await rita.post(`${hooks}/${other}/deliveries/${deliveryId}/replay`)).status).to.equal(404);
  });

  it('are twenty at most', async () => {
    const answers = [];
    for (let n = 0; n < 21; n += 1)
      answers.push(await rita.post(hooks, { url: 'https://example.org/', events }));
    expect(answers.at(-1)?.status).to.equal(409);
    expect(answers.at(-1)?.body.detail).to.match(/20 webhooks already/);
  });
});
