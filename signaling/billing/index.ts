/** What the worker does for billing. */
export { type BillingConfig, billingConfig, billingShape } from './config.ts';
export { endSubscription } from './end-subscription.ts';
export { watchHours } from './hours.ts';
export { openPayments, type Payments } from './payments.ts';
export { followSeats } from './seats.ts';
export { PlanLimits, type PlanRetention } from './standing.ts';
