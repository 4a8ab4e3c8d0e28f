export { eraseRecording } from './erase-recording.ts';
export { openReceipt, ReceiptSigner } from './receipt.ts';
