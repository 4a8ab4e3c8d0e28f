/** For tests that play the SFU's part: what taps are made of. */

export { mediaCodecs } from './codecs.ts';
export { sfuShape } from './config.ts';
export { Tap } from './tap.ts';
