/** For tests of other workspaces. */
export { chunkRecords, recorded, storeRecording } from './fixtures/stored-recording.ts';
