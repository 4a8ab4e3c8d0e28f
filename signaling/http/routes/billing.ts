import express, { Router } from 'express';
import { openEvent, receiveEvent } from '../../billing/events.ts';
import { overview } from '../../billing/overview.ts';
import { changePlan, openPortal, orderPlan } from '../../billing/owners.ts';
import type { Payments } from '../../billing/payments.ts';
import { Prices } from '../../billing/prices.ts';
import { rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { acting } from './organization.ts';

/** Events are larger than what our own pages send. */
const MAX_EVENT_BYTES = 1024 * 1024;

/** What the organization pays for: owners change it, admins see it. */
export function billingRoutes({ db, log, config, manager, owner }: Routes, payments: Payments): Router {
  const router = Router();
  const till = { db, log, payments, publicUrl: config.PUBLIC_URL };
  const prices = new Prices(till);

  router.get('/organization/billing', async (request, response) => {
    const { organization } = await manager(request, 'see its plan');
    response.json(await overview({ db, prices }, organization.organizationId));
  });

  router.patch('/organization/billing', async (request, response) => {
    const who = await owner(request, 'change its plan');
    const { plan } = rest.changePlan.parse(request.body);
    await changePlan(till, acting(who, request, response), plan);
    response.json(await overview({ db, prices }, who.organization.organizationId));
  });

  router.post('/organization/billing/checkout', async (request, response) => {
    const who = await owner(request, 'order a plan');
    const { plan } = rest.orderPlan.parse(request.body);
    const { email, language } = who.account;
    const url = await orderPlan(till, acting(who, request, response), { plan, email, language });
    response.status(201).json({ url });
  });

  router.post('/organization/billing/portal', async (request, response) => {
    const who = await owner(request, 'see its payments');
    const url = await openPortal(till, acting(who, request, response), who.account.language);
    response.status(201).json({ url });
  });

  return router;
}

/** What the payment service tells: signed by it, and by nobody else. */
export const stripeWebhook = ({ db, log }: Pick<Routes, 'db' | 'log'>, payments: Payments): Router =>
  Router().post(
    '/webhooks/stripe',
    express.raw({ type: 'application/json', limit: MAX_EVENT_BYTES }),
    async (request, response) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const event = openEvent(payments, body, request.get('stripe-signature'));
      await receiveEvent({ db, log, payments }, event);
      response.status(200).json({ received: true });
    },
  );
