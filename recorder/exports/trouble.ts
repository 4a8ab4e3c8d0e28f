import { UnsealError } from '@cratersync/infra/runtime';
import { AppError } from '@cratersync/signaling/protocol';
import { KeysUnavailable } from '../keys/index.ts';
import { StoreUnavailable } from '../store/index.ts';
import { NotYet } from './contents.ts';

/** Why an export does not get on, for those who wait for it: what is wrong inside is for the log. */
export function troubleOf(error: unknown): string {
  if (error instanceof NotYet) return error.message;
  if (error instanceof UnsealError) return 'Its secret cannot be opened any more. Order a new one.';
  if (error instanceof StoreUnavailable) return 'The object store is not reachable. It goes on by itself.';
  if (error instanceof KeysUnavailable) return 'The key store is not reachable. It goes on by itself.';
  if (error instanceof AppError && error.code === 'unavailable')
    return 'The database is not reachable. It goes on by itself.';
  return 'Something went wrong. It has been logged, and is tried again.';
}
