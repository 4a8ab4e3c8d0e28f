export { rotationJobs, tendingJobs } from './jobs.ts';
export { alone, type RewrapOptions, rewrapAll } from './rewrap-organization.ts';
export {
  type Counted,
  censusOf,
  organizationsIn,
  type Rotated,
  rotateDue,
  rotateOrganizations,
} from './rotate.ts';
export { type TendOptions, tendCustomerKey } from './tend-customer-key.ts';
export { tendOrganizationKey } from './tend-organization-key.ts';
