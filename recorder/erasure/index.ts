export { eraseOrganization } from './erase-organization.ts';
export { CONFIRM_MS, eraseRecording } from './erase-recording.ts';
export { type Erasure, openReceipt, receiptOf } from './receipt.ts';
