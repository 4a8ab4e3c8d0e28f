import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audit, inOrganization, recordings, webhookDeliveries, webhooks } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { Sealer, webhookSecretOf } from '@cratersync/infra/runtime';
import {
  type DeliveryId,
  recordingId as recordingIdOf,
  rest,
  trackId,
  type WebhookId,
  webhookEvent,
  webhookId as webhookIdOf,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';

const program = fileURLToPath(new URL('../worker.ts', import.meta.url));
const secret = 'a secret of thirty-two characters or more';

interface Arrived {
  body: string;
  headers: IncomingHttpHeaders;
}

describe('webhooks', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let tenant: Tenant;
  let dataDir = '';
  let ports: number[] = [];
  let worker: ChildProcess | null = null;
  let receiver: Server;
  const arrived: Arrived[] = [];
  const arrivals = new EventEmitter();
  /** What the receiver does with a message. */
  let answer = (response: ServerResponse): void => void response.end();
  const key = randomBytes(32);

  before(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-webhooks-'));
    receiver = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      arrived.push({ body, headers: request.headers });
      arrivals.emit('arrival');
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    ports = [(receiver.address() as AddressInfo).port, await freePort()];
    await database.owner.query(`
      CREATE FUNCTION app.tell_delivery() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('delivery', NEW.delivery_id::text); RETURN NULL; END $$;
      CREATE TRIGGER tell_delivery AFTER UPDATE ON app.webhook_deliveries FOR EACH ROW
        EXECUTE FUNCTION app.tell_delivery();
      LISTEN delivery;`);
    tenant = await createTenant(database);
    // Its stems are not what this is about.
    await database.owner.query('DELETE FROM graphile_worker._private_jobs');
  });
  beforeEach(() => {
    answer = response => void response.end();
    arrived.length = 0;
  });
  after(async () => {
    await kill();
    receiver.close();
    receiver.closeAllConnections();
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Of a worker that runs already, this one's settings are the same. */
  async function start(env: Record<string, string> = { WEBHOOK_ALLOW_PRIVATE: 'true' }): Promise<void> {
    if (worker !== null) return;
    worker = fork(program, {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: dataDir,
        DATABASE_URL: database.workerUrl,
        NODE_SECRET: secret,
        SEALING_KEY: secret,
        SMTP_HOST: '127.0.0.1',
        WORKER_PORT: String(ports[1]),
        LOG_LEVEL: 'error',
        ...env,
      },
    });
    const [message] = await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
    expect(message).to.deep.equal({ ready: true });
  }
  async function kill(): Promise<void> {
    if (worker === null) return;
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    worker = null;
  }
  const scoped = <T>(work: Parameters<typeof inOrganization<T>>[2]) =>
    inOrganization(database.app, tenant.organizationId, work);

  /** The tenant's only webhook, as signaling makes one. */
  async function listen(
    events: readonly rest.Webhook['events'][number][] = webhookEvent.options,
  ): Promise<WebhookId> {
    const webhookId = webhookIdOf.parse(randomUUID());
    const { organizationId, accountId } = tenant;
    const secretSealed = new Sealer(secret).seal(key, webhookSecretOf(organizationId, webhookId));
    const url = `http://127.0.0.1:${ports[0]}/hook`;
    await scoped(async tx => {
      for (const before of await webhooks.list(tx)) await webhooks.remove(tx, before.webhookId);
      await webhooks.create(tx, { webhookId, url, events, secretSealed, createdBy: accountId });
    });
    return webhookId;
  }
  const send = (webhookId: WebhookId) =>
    scoped(tx => webhooks.send(tx, webhookId, 'webhook.test', { organizationId: tenant.organizationId }));
  const row = (id: DeliveryId) => scoped(tx => webhookDeliveries.byId(tx, id));
  /** Resolves when the delivery has got there. */
  async function until(
    id: DeliveryId,
    there: (delivery: webhookDeliveries.Delivery) => boolean,
  ): Promise<webhookDeliveries.Delivery> {
    for (;;) {
      const told = once(database.owner, 'notification');
      const delivery = await row(id);
      if (delivery !== null && there(delivery)) return delivery;
      await told;
    }
  }
  async function arrival(count: number): Promise<Arrived[]> {
    while (arrived.length < count) await once(arrivals, 'arrival');
    return arrived;
  }
  const verified = ({ body, headers }: Arrived): rest.WebhookPayload =>
    rest.webhookPayload.parse(
      new Webhook(`whsec_${key.toString('base64')}`).verify(body, headers as Record<string, string>),
    );

  it('tell of a recording from its start to its stems, signed', async () => {
    await listen();
    await start();
    const recordingId = recordingIdOf.parse(randomUUID());
    const { organizationId, sessionId, guestId } = tenant;
    await scoped(tx => recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() }));
    for (const to of ['recording', 'draining', 'finalizing'] as const)
      await scoped(tx => recordings.advance(tx, recordingId, to));
    await scoped(tx =>
      recordings.finalize(tx, {
        ...{ recordingId, durationMs: 1500, manifestKey: 'manifest', merkleRoot: 'ab'.repeat(32) },
        tracks: (['mic', 'camera'] as const).map(source => ({
          ...{ trackId: trackId.parse(randomUUID()), participantId: guestId, source },
        })),
      }),
    );
    // There is no key to read it with, so that its stems end at once.
    const told = (await arrival(4)).map(verified);
    const byType = new Map(told.map(({ type, data }) => [type, data]));
    const common = { organizationId, sessionId, recordingId, reason: null };
    expect(byType.get('recording.started')).to.deep.equal({
      ...common,
      state: 'recording',
      durationMs: null,
    });
    expect(byType.get('recording.stopped')).to.deep.equal({ ...common, state: 'draining', durationMs: null });
    expect(byType.get('recording.complete')).to.deep.equal({
      ...common,
      state: 'complete',
      durationMs: 1500,
    });
    expect(byType.get('recording.stems_ready')).to.deep.include({ stems: { ready: 0, failed: 2 } });
    expect(new Set(arrived.map(({ headers }) => headers['webhook-id'])).size).to.equal(4);
  });

  it('hear of a recording that broke, but of no attempt that recorded nothing, and of nothing they did not ask for', async () => {
    await listen(['recording.incomplete']);
    await start();
    const { sessionId } = tenant;
    const [refused, broken] = [recordingIdOf.parse(randomUUID()), recordingIdOf.parse(randomUUID())];
    for (const recordingId of [refused, broken])
      await scoped(tx => recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() }));
    await scoped(tx => recordings.advance(tx, refused, 'incomplete', { reason: 'no recorder' }));
    await scoped(tx => recordings.advance(tx, broken, 'recording'));
    await scoped(tx => recordings.advance(tx, broken, 'incomplete', { reason: 'the recorder was lost' }));
    const [only] = (await arrival(1)).map(verified);
    expect(only?.data).to.deep.include({ recordingId: broken, reason: 'the recorder was lost' });
    const queued = await database.owner.query(
      'SELECT FROM app.webhook_deliveries WHERE organization_id = $1',
      [tenant.organizationId],
    );
    expect(queued.rowCount).to.equal(1);
  });

  it('are tried again until it arrives, with the same id, and the log tells how it went', async () => {
    const webhookId = await listen();
    answer = response => {
      answer = good => void good.end('fine');
      response.writeHead(500).end('try\0 later');
    };
    await start();
    const deliveryId = await send(webhookId);
    const failed = await until(deliveryId, ({ attempts }) => attempts === 1);
    expect(failed).to.deep.include({ status: 500, answer: 'try\ufffd later', deliveredAt: null });
    expect((await scoped(tx => webhooks.byId(tx, webhookId)))?.failingSince).to.be.instanceOf(Date);
    const delivered = await until(deliveryId, ({ deliveredAt }) => deliveredAt !== null);
    expect(delivered).to.deep.include({ status: 200, answer: 'fine', attempts: 2 });
    expect((await scoped(tx => webhooks.byId(tx, webhookId)))?.failingSince).to.equal(null);
    expect(arrived.map(({ headers }) => headers['webhook-id'])).to.deep.equal([deliveryId, deliveryId]);
    for (const each of arrived)
      new Webhook(key.toString('base64')).verify(each.body, each.headers as Record<string, string>);
  });

  it('arrive when the worker is killed over it', async () => {
    const webhookId = await listen();
    answer = () => {};
    await start();
    const deliveryId = await send(webhookId);
    await arrival(1);
    await kill();
    answer = response => void response.end();
    await start();
    const delivered = await until(deliveryId, ({ deliveredAt }) => deliveredAt !== null);
    expect(delivered.attempts).to.equal(1);
    expect(arrived.map(({ headers }) => headers['webhook-id'])).to.deep.equal([deliveryId, deliveryId]);
  });

  it('are sent once more by hand', async () => {
    const webhookId = await listen();
    await start();
    const deliveryId = await send(webhookId);
    await until(deliveryId, ({ deliveredAt }) => deliveredAt !== null);
    await scoped(tx => webhookDeliveries.replay(tx, deliveryId));
    await until(deliveryId, ({ attempts, deliveredAt }) => attempts === 2 && deliveredAt !== null);
    const [first, second] = arrived;
    expect(second?.body).to.equal(first?.body);
    expect(second?.headers['webhook-id']).to.equal(deliveryId);
  });

  it('are given up after days, and one at which nothing arrives is switched off, which is written down', async () => {
    const webhookId = await listen();
    answer = response => void response.writeHead(503).end();
    await kill();
    const deliveryId = await send(webhookId);
    await database.owner.query(
      `UPDATE graphile_worker._private_jobs SET attempts = max_attempts - 1 WHERE key LIKE '%' || $1`,
      [deliveryId],
    );
    await database.owner.query(
      `UPDATE app.webhooks SET failing_since = now() - interval '4 days' WHERE webhook_id = $1`,
      [webhookId],
    );
    await start();
    const given = await until(deliveryId, ({ failedAt }) => failedAt !== null);
    expect(given).to.deep.include({ status: 503, deliveredAt: null });
    const { disabledAt, disabledReason } = (await scoped(tx => webhooks.byId(tx, webhookId))) ?? {};
    expect(disabledAt).to.be.instanceOf(Date);
    expect(disabledReason).to.match(/Nothing has arrived/);
    const [entry] = await scoped(tx => audit.list(tx, {}, 1));
    expect(entry).to.deep.include({ action: 'webhook.disabled', actor: { kind: 'system', id: null } });
    expect(await scoped(tx => audit.verify(tx))).to.include({ holds: true });
    // What comes now is not even queued.
    await scoped(tx => webhooks.emit(tx, 'recording.complete', { recordingId: tenant.recordingId }));
    const all = await scoped(tx => webhookDeliveries.ofWebhook(tx, webhookId, { limit: 10 }));
    expect(all.rows).to.have.length(1);
  });

  it('stay on when one message of many is given up', async () => {
    const webhookId = await listen();
    answer = response => void response.writeHead(422).end();
    await kill();
    const deliveryId = await send(webhookId);
    await database.owner.query(
      `UPDATE graphile_worker._private_jobs SET attempts = max_attempts - 1 WHERE key LIKE '%' || $1`,
      [deliveryId],
    );
    await start();
    await until(deliveryId, ({ failedAt }) => failedAt !== null);
    expect((await scoped(tx => webhooks.byId(tx, webhookId)))?.disabledAt).to.equal(null);
  });

  it('are switched off at once by the answer 410, Gone', async () => {
    const webhookId = await listen();
    answer = response => void response.writeHead(410).end();
    await start();
    const deliveryId = await send(webhookId);
    expect(await until(deliveryId, ({ failedAt }) => failedAt !== null)).to.include({
      attempts: 1,
      status: 410,
    });
    expect((await scoped(tx => webhooks.byId(tx, webhookId)))?.disabledReason).to.match(/410/);
  });

  it('are sealed anew when they are used after SEALING_KEY was rotated', async () => {
    const webhookId = await listen();
    const rotated = 'another key of thirty-two characters or more';
    const allow = { WEBHOOK_ALLOW_PRIVATE: 'true' };
    const sealed = async () =>
      (
        await database.owner.query('SELECT secret_sealed FROM app.webhooks WHERE webhook_id = $1', [
          webhookId,
        ])
      ).rows[0].secret_sealed as Buffer;
    await kill();
    await start({ ...allow, SEALING_KEY: rotated, SEALING_KEY_PREVIOUS: secret });
    await until(await send(webhookId), ({ deliveredAt }) => deliveredAt !== null);
    const purpose = webhookSecretOf(tenant.organizationId, webhookId);
    expect(new Sealer(rotated).open(await sealed(), purpose)).to.deep.equal(key);
    // What it was before is not needed any more.
    await kill();
    await start({ ...allow, SEALING_KEY: rotated });
    await until(await send(webhookId), ({ deliveredAt }) => deliveredAt !== null);
    await kill();
  });

  it('reach nothing on this network unless the operator allows it', async () => {
    const webhookId = await listen();
    await kill();
    await start({});
    const deliveryId = await send(webhookId);
    const { error } = await until(deliveryId, ({ attempts }) => attempts === 1);
    expect(error).to.match(/leads to 127.0.0.1, which is not in the internet/);
    expect(arrived).to.deep.equal([]);
  });

  it('say so when their secret was sealed with another key', async () => {
    const webhookId = await listen();
    await kill();
    await start({ WEBHOOK_ALLOW_PRIVATE: 'true', SEALING_KEY: `another ${secret}` });
    const deliveryId = await send(webhookId);
    expect((await until(deliveryId, ({ attempts }) => attempts === 1)).error).to.match(/SEALING_KEY/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
