export { CONFIRM_MS } from './erase-recording.ts';
export { erasureJobs, forgettingJobs } from './jobs.ts';
export { type Erasure, openReceipt, receiptOf } from './receipt.ts';
