import { AppError } from '@cratersync/signaling/protocol';
import { FormatError } from '../format/index.ts';
import { KeysUnavailable } from '../keys/keys.ts';
import { ObjectMissing, StoreUnavailable } from '../store/index.ts';
import { FfmpegError } from './ffmpeg.ts';

/** Errors whose message is a reason that people can read. */
const TELLING = [FfmpegError, StoreUnavailable, ObjectMissing, KeysUnavailable, FormatError];

/** Why something could not be rendered, in words for whoever waits for it. */
export function explain(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return 'It could not be rendered: the disk of the worker is full.';
  const telling = TELLING.find(kind => error instanceof kind);
  if (telling === undefined || !(error instanceof Error)) {
    return 'It could not be rendered. The reason is in the worker’s log.';
  }
  return `It could not be rendered: ${error.message.replace(/\.$/, '')}.`;
}
