import { type RecordingId, recordingId } from '@cratersync/signaling/protocol';
import { UsageError } from './command.ts';

/** The one argument of a command that is about one recording. @throws UsageError */
export function recordingIdFrom(positionals: readonly string[]): RecordingId {
  const id = recordingId.safeParse(positionals[0]);
  if (id.success && positionals.length === 1) return id.data;
  throw new UsageError('Which recording? Give its id, the last part of its page’s address.');
}
