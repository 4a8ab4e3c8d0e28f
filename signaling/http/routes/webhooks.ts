import { inOrganization, webhookDeliveries, webhooks } from '@cratersync/db';
import { Sealer } from '@cratersync/infra/runtime';
import { Router } from 'express';
import { deliveryId as deliveryIdSchema, rest, webhookId as webhookIdSchema } from '../../protocol/index.ts';
import { webhookTarget } from '../../webhooks/target.ts';
import {
  changeWebhook,
  deliveryShape,
  makeWebhook,
  present,
  removeWebhook,
  replayDelivery,
  testWebhook,
  webhookShape,
} from '../../webhooks/webhooks.ts';
import type { Routes } from '../dependencies.ts';
import { acting } from './organization.ts';
import { pathId } from './path-id.ts';

/** Where the organization wants to be told of its recordings; for owners and admins. */
export function webhookRoutes({ db, config, manager }: Routes): Router {
  const router = Router();
  const sealer = new Sealer(config.SEALING_KEY, config.SEALING_KEY_PREVIOUS);
  const idOf = (params: Record<string, unknown>) => pathId(webhookIdSchema, params['webhookId'], 'webhook');

  router.get('/organization/webhooks', async (request, response) => {
    const { organization } = await manager(request, 'see its webhooks');
    const rows = await inOrganization(db, organization.organizationId, tx => webhooks.list(tx));
    response.json({ webhooks: rows.map(webhookShape) });
  });

  router.post('/organization/webhooks', async (request, response) => {
    const who = await manager(request, 'make webhooks');
    const { url, events } = rest.createWebhook.parse(request.body);
    const target = webhookTarget(url, { allowPrivate: config.WEBHOOK_ALLOW_PRIVATE });
    const wanted = { url: target, events };
    const { webhook, secret } = await makeWebhook({ db, sealer }, acting(who, request, response), wanted);
    response.status(201).json({ ...webhookShape(webhook), secret });
  });

  router.patch('/organization/webhooks/:webhookId', async (request, response) => {
    const who = await manager(request, 'change webhooks');
    const webhookId = idOf(request.params);
    const change = rest.updateWebhook.parse(request.body);
    const changed = await changeWebhook(db, acting(who, request, response), webhookId, change);
    response.json(webhookShape(changed));
  });

  router.delete('/organization/webhooks/:webhookId', async (request, response) => {
    const who = await manager(request, 'delete webhooks');
    await removeWebhook(db, acting(who, request, response), idOf(request.params));
    response.status(204).end();
  });

  router.post('/organization/webhooks/:webhookId/test', async (request, response) => {
    const who = await manager(request, 'test webhooks');
    const sent = await testWebhook(db, acting(who, request, response), idOf(request.params));
    response.status(202).json(deliveryShape(sent));
  });

  router.get('/organization/webhooks/:webhookId/deliveries', async (request, response) => {
    const { organization } = await manager(request, 'see what webhooks were sent');
    const webhookId = idOf(request.params);
    const page = rest.pageQuery.parse(request.query);
    const { rows, next } = await inOrganization(db, organization.organizationId, async tx => {
      await present(tx, webhookId);
      return await webhookDeliveries.ofWebhook(tx, webhookId, page);
    });
    response.json({ deliveries: rows.map(deliveryShape), next } satisfies rest.DeliveryPage);
  });

  router.post(
    '/organization/webhooks/:webhookId/deliveries/:deliveryId/replay',
    async (request, response) => {
      const who = await manager(request, 'send messages once more');
      const webhookId = idOf(request.params);
      const deliveryId = pathId(deliveryIdSchema, request.params.deliveryId, 'webhook');
      const sent = await replayDelivery(db, acting(who, request, response), { webhookId, deliveryId });
      response.status(202).json(deliveryShape(sent));
    },
  );

  return router;
}
