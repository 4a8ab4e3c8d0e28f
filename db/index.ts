export * as accounts from './accounts.ts';
export {
  asAccount,
  type Database,
  inOrganization,
  openDatabase,
  type Tx as OrganizationTx,
  unscoped,
  withCapability,
} from './database.ts';
export * as invitations from './invitations.ts';
export type { JobPayloads } from './jobs.ts';
export * as organizations from './organizations.ts';
export * as participants from './participants.ts';
export * as recordings from './recordings.ts';
export * as renders from './renders.ts';
export { type Restored, restoreRecording } from './restore.ts';
export * as sessions from './sessions.ts';
export * as signInCodes from './sign-in-codes.ts';
export * as stems from './stems.ts';
export * as webSessions from './web-sessions.ts';
