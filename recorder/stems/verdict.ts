import { AppError, errors } from '@cratersync/signaling/protocol';
import { FormatError } from '../format/index.ts';
import { CustomerKeyRefused, KeysUnavailable } from '../keys/keys.ts';
import { ObjectMissing, StoreUnavailable } from '../store/index.ts';
import { FfmpegError } from './ffmpeg.ts';

/** Errors whose message is a reason that people can read. */
const TELLING = [FfmpegError, ObjectMissing, FormatError];

interface Attempt {
  /** Aborted when the worker is told to stop. */
  signal: AbortSignal;
  /** The queue gives up after this attempt. */
  lastAttempt: boolean;
}

interface Verdict {
  /** Another attempt may mend it. */
  again: boolean;
  /** For whoever waits for it. */
  note: string;
  /** Something is wrong: neither was the worker stopped, nor is there nothing to be had. */
  isFault: boolean;
}

/** What becomes of a rendering that broke off. */
export function verdictOn(error: unknown, { signal, lastAttempt }: Attempt): Verdict {
  const isFinal = error instanceof AppError && !error.retryable;
  const again = !isFinal && (signal.aborted || !lastAttempt);
  const reason = signal.aborted ? 'The worker was stopped; it goes on when it is back.' : explain(error);
  return {
    again,
    note: again ? `${reason} It will be tried again.` : reason,
    isFault: !isFinal && !signal.aborted,
  };
}

function explain(error: unknown): string {
  // What these say is for people who run the machines, and names places there.
  if (error instanceof StoreUnavailable) {
    const why = isFullDisk(error.cause) ? 'its disk is full' : 'it is away';
    return `It could not be rendered because of the object store: ${why}. The worker’s log says more.`;
  }
  if (error instanceof CustomerKeyRefused) return errors.keyRefused().message;
  if (error instanceof KeysUnavailable)
    return 'It could not be rendered: the keys are out of reach. The worker’s log says more.';
  if (error instanceof AppError) return error.message;
  if (isFullDisk(error)) return 'It could not be rendered: the disk of the worker is full.';
  const telling = TELLING.find(kind => error instanceof kind);
  if (telling === undefined || !(error instanceof Error)) {
    return 'It could not be rendered. The reason is in the worker’s log.';
  }
  return `It could not be rendered: ${error.message.replace(/\.$/, '')}.`;
}

const isFullDisk = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
