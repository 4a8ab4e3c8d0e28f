/** What tests and benchmarks outside this workspace need of it: media, and recordings as a recorder leaves them. */

export { runBillingJobs } from './billing/fixtures/run-billing-jobs.ts';
export { NodeUdpReceiver } from './capture/udp/node-receiver.ts';
export { recorderShape } from './config.ts';
export { eraseNow } from './erasure/fixtures/erase-now.ts';
export { storeRecording as storeSmallRecording } from './fixtures/stored-recording.ts';
export type { SealedChunk } from './journal/chunk-writer.ts';
export { FrameLog } from './journal/frame-log.ts';
export { Uploader } from './journal/uploader.ts';
export { deliverLetters } from './letters/fixtures/deliver-letters.ts';
export { openRecording } from './reader.ts';
export { rebuildTracks } from './rebuild.ts';
export { expectToOpen, type Kept, keepKeys } from './rotation/fixtures/kept-keys.ts';
export { hearPieces, hearStem, hearStems, seeStem } from './stems/fixtures/hear.ts';
export { encodeOpus, tone } from './stems/fixtures/media.ts';
export { MemoryExtraLedger, MemoryLedger } from './stems/fixtures/memory-ledger.ts';
export {
  identity,
  journal,
  opusInfo,
  opusUnits,
  participant,
  readerOf,
  type TestTrack,
  type Unit,
  videoInfo,
} from './stems/fixtures/recording.ts';
export { renderOne } from './stems/fixtures/render-one.ts';
export { storeRecording } from './stems/fixtures/stored-recording.ts';
export { vp8Units } from './stems/fixtures/video.ts';
export { storedFile } from './stems/stored-file.ts';
export { type SurveyedStem, survey } from './stems/survey.ts';
export { workerShape } from './worker-config.ts';
