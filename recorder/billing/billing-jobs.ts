import type { Database } from '@cratersync/db';
import {
  type BillingConfig,
  endSubscription,
  followSeats,
  openPayments,
  watchHours,
} from '@cratersync/signaling/billing';
import { organizationId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

const job = z.strictObject({ organizationId });
const endJob = job.extend({ subscriptionId: z.string() });

/** @param billing null: it is off, and what was ordered while it was on comes to nothing */
export function billingJobs({ db, billing }: { db: Database; billing: BillingConfig | null }) {
  const payments = billing === null ? null : openPayments(billing);
  return {
    'follow-seats': async (payload: unknown): Promise<void> => {
      if (payments !== null) await followSeats({ db, payments }, job.parse(payload).organizationId);
    },
    'end-subscription': async (payload: unknown): Promise<void> => {
      if (payments !== null) await endSubscription(payments, endJob.parse(payload).subscriptionId);
    },
    'watch-hours': async (payload: unknown): Promise<void> => {
      if (payments !== null) await watchHours(db, job.parse(payload).organizationId);
    },
  };
}
