export * as accountDeletions from './account-deletions.ts';
export * as accounts from './accounts.ts';
export * as apiTokens from './api-tokens.ts';
export * as audit from './audit.ts';
export { type Actor, type AuditEntry, FIRST_HASH, hashOfEntry } from './audit-chain.ts';
export * as customerKeys from './customer-keys.ts';
export {
  asAccount,
  asAccountAndInEach,
  type Database,
  inOrganization,
  openDatabase,
  type Tx as OrganizationTx,
  unscoped,
  withCapability,
} from './database.ts';
export * as deadLetters from './dead-letters.ts';
export * as deletions from './deletions.ts';
export * as devices from './devices.ts';
export * as emailChanges from './email-changes.ts';
export * as exports from './exports.ts';
export * as idempotency from './idempotency.ts';
export * as invitations from './invitations.ts';
export { enqueue, requeue } from './jobs.ts';
export * as keeping from './keeping.ts';
export * as letters from './letters.ts';
export * as markers from './markers.ts';
export * as memberInvitations from './member-invitations.ts';
export * as memberships from './memberships.ts';
export * as notices from './notices.ts';
export * as organizationDeletions from './organization-deletions.ts';
export * as organizations from './organizations.ts';
export type { PageOf, PageRequest } from './page.ts';
export * as participants from './participants.ts';
export * as passkeys from './passkeys.ts';
export * as planRounds from './plan-rounds.ts';
export * as portable from './portable.ts';
export { purge } from './purge.ts';
export * as jobs from './queue.ts';
export * as recordings from './recordings.ts';
export * as renders from './renders.ts';
export { type Restored, restoreRecording } from './restore.ts';
export * as retention from './retention.ts';
export * as sessions from './sessions.ts';
export * as shares from './shares.ts';
export * as signInCodes from './sign-in-codes.ts';
export * as signInLinks from './sign-in-links.ts';
export * as stems from './stems.ts';
export * as stripeEvents from './stripe-events.ts';
export * as subscriptions from './subscriptions.ts';
export * as unreachableAddresses from './unreachable-addresses.ts';
export * as webSessions from './web-sessions.ts';
export * as webhookDeliveries from './webhook-deliveries.ts';
export * as webhooks from './webhooks.ts';
