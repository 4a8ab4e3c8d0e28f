import { rest } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

/** Of the plan; where CraterSync is hosted by oneself, none of them is there. */
export const billingOperations: Operations = {
  'GET /organization/billing': {
    summary: 'The plan, what it allows, what is used of it, and the other plans',
    needs: 'admin',
    answers: { 200: rest.billing },
  },
  'PATCH /organization/billing': {
    summary: 'Change the plan that is paid for, or have it end with what is paid for',
    needs: 'owner',
    body: rest.changePlan,
    answers: { 200: rest.billing },
  },
  'POST /organization/billing/checkout': {
    summary: 'Order a plan: where it is paid for',
    needs: 'owner',
    body: rest.orderPlan,
    answers: { 201: rest.leadsTo },
  },
  'POST /organization/billing/portal': {
    summary: 'Cards and receipts: where they are looked after',
    needs: 'owner',
    answers: { 201: rest.leadsTo },
  },
};
