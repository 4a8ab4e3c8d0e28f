export {
  databaseLedger,
  findRecording,
  type RecordingIdentity,
  type StemLedger,
  type StemRow,
} from './ledger.ts';
export { type RenderContext, renderRecording } from './render-recording.ts';
export { readSealed } from './sealed-source.ts';
