import type { Letter } from '../protocol/index.ts';
import { accountDeletionMail } from './account-deletion.ts';
import { hoursUsedUpMail, paymentFailedMail, receiptMail, trialEndingMail } from './billing.ts';
import { exportReadyMail } from './export-ready.ts';
import type { Message, Reader } from './letter.ts';
import { newDeviceMail, newPasskeyMail } from './new-device.ts';
import { noticeMail } from './notice.ts';
import {
  organizationClosingMail,
  organizationErasedMail,
  organizationKeptMail,
} from './organization-deletion.ts';
import { retentionWarningMail } from './retention-warning.ts';

export { RateLimit } from '../rate-limit.ts';
export { type Bounce, MAX_BOUNCE_BYTES, readBounce } from './bounce.ts';
export { isEssential } from './essential.ts';
export type { Message, Reader } from './letter.ts';
export { mailMetrics } from './mail-metrics.ts';
export { MessageIds } from './message-ids.ts';
export { type MailConfig, mailShape, openPost, type Post } from './post.ts';
export { masked, verdictOn, wordsOf } from './verdict.ts';

/** A letter in its reader's language. */
export function messageOf(reader: Reader, letter: Letter): Message {
  switch (letter.kind) {
    case 'new-device':
      return newDeviceMail(reader, letter);
    case 'new-passkey':
      return newPasskeyMail(reader, letter);
    case 'account-deletion':
      return accountDeletionMail(reader, letter);
    case 'notice':
      return noticeMail(reader, letter);
    case 'retention-warning':
      return retentionWarningMail(reader, letter);
    case 'export-ready':
      return exportReadyMail(reader, letter);
    case 'receipt':
      return receiptMail(reader, letter);
    case 'payment-failed':
      return paymentFailedMail(reader, letter);
    case 'trial-ending':
      return trialEndingMail(reader, letter);
    case 'hours-used-up':
      return hoursUsedUpMail(reader, letter);
    case 'organization-closing':
      return organizationClosingMail(reader, letter);
    case 'organization-kept':
      return organizationKeptMail(reader, letter);
    case 'organization-erased':
      return organizationErasedMail(reader, letter);
  }
}
