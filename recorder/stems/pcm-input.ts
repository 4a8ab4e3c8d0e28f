import { OPUS_RATE_HZ } from './opus.ts';

/** How ffmpeg is told of our PCM: interleaved, 24 bits. */
export const pcmInput = (channels: number): string[] => [
  '-f',
  's24le',
  '-ar',
  String(OPUS_RATE_HZ),
  '-ac',
  String(channels),
];
