export { findStored, ownerOf, type StoredOwner, type StoredRecording, storedRecordings } from './find.ts';
export { heldHere, lastHolder } from './held-here.ts';
export { type Recovered, recoverFromStore } from './recover.ts';
