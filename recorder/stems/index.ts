export { clockText } from './clock-text.ts';
export { type ExtraRow, extrasOf, markersOf } from './extra-ledger.ts';
export { renderJobs } from './jobs.ts';
export { Lanes } from './lanes.ts';
export {
  databaseLedger,
  findRecording,
  type RecordingIdentity,
  type StemLedger,
  type StemRow,
} from './ledger.ts';
export { extraEndings } from './make-extra.ts';
export { previewOf } from './preview.ts';
export { renderExtra } from './render-extra.ts';
export { type RenderContext, renderRecording } from './render-recording.ts';
export { readSealed } from './sealed-source.ts';
export type { StemGap, StemSync } from './sync.ts';
