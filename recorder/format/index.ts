export { FINAL_FLAG, FRAME_OVERHEAD_BYTES, MAX_FRAME_BYTES, SESSION_KEY_BYTES } from './cipher.ts';
export { FormatError } from './format-error.ts';
export { HEAD_BYTES, readHead } from './header.ts';
export { decodeManifest, encodeManifest, merkleRoot } from './manifest.ts';
export { objectKeys } from './object-keys.ts';
export { createOpener, frameSpans, type OpenedObject, type Opener, openSealed } from './open.ts';
export { decodeRecords, encodeRecord, RECORD_HEAD_BYTES, writeRtpRecord } from './records.ts';
export { createSealer, deriveSealingKey, type Sealer, sealWhole } from './seal.ts';
export type * from './types.ts';
