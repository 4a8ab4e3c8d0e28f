import { organizationJob } from '../job-payloads.ts';
import { rotateDue } from './rotate.ts';
import { type TendOptions, tendCustomerKey } from './tend-customer-key.ts';
import { tendOrganizationKey } from './tend-organization-key.ts';

export const tendingJobs = (options: TendOptions) => ({
  'tend-customer-key': (payload: unknown): Promise<void> =>
    tendCustomerKey(options, organizationJob.parse(payload).organizationId),
  'tend-organization-key': (payload: unknown): Promise<void> =>
    tendOrganizationKey(options, organizationJob.parse(payload).organizationId),
});

/** @param days how old an organization's key may get; 0: none gets a new version */
export const rotationJobs = ({ db, keys, log }: TendOptions, days: number) => ({
  'rotate-keys': async (): Promise<void> => {
    const rotated = await rotateDue({ db, keys }, days);
    for (const one of rotated) log.info(one, 'rotated the key of an organization');
    // The queue tries again what is not finished.
    const failed = rotated.find(({ failure }) => failure !== null);
    if (failed !== undefined) throw new Error(`a rotation is not finished: ${failed.failure}`);
  },
});
