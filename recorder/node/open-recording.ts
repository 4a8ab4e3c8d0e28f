import { type CustomerKey, errors } from '@cratersync/signaling/protocol';
import { type AdmissionOptions, admit, attempt, type ExpectedTracks } from './admission.ts';
import { claim, claimEnding } from './holders.ts';
import { Recording, type RecordingDependencies, type RecordingIds, type TakenOver } from './recording.ts';

export type Opening = RecordingIds & {
  expected?: ExpectedTracks | undefined;
  customerKey?: CustomerKey | null | undefined;
};

/** Another recorder's recording, and the number of its holder. */
export type TakingOver = Omit<TakenOver, 'holder'> & { after: number };

/**
 * Admits a recording and claims it, before anything of it is written. One that was stopped already needs no admission:
 * nothing is received any more.
 * @throws `recording_refused`, `conflict` when another recorder has been faster, `erased`
 */
export async function openRecording(
  admission: AdmissionOptions,
  dependencies: RecordingDependencies,
  asked: Opening,
  from?: TakingOver,
): Promise<Recording> {
  const { organizationId, sessionId, recordingId, expected, customerKey } = asked;
  const context = { organizationId, sessionId };
  const sessionKey =
    from?.stoppedMs === undefined
      ? await admit(admission, { ...context, customerKey }, recordingId, expected)
      : await admission.keys.sessionKey(context, recordingId);
  const holder = await attempt('the object store', () => claimed(dependencies, asked, from));
  if (holder === null) throw errors.conflict('Another recorder has this recording, or it has been stopped.');
  const taken = from === undefined ? undefined : { ...from, holder };
  return Recording.begin({ ...context, recordingId }, sessionKey, dependencies, taken);
}

/** @returns the number of this recorder among those who have had it; null when somebody else has that */
async function claimed(
  { store, nodeId: recorder }: RecordingDependencies,
  { recordingId }: RecordingIds,
  from: TakingOver | undefined,
): Promise<number | null> {
  const after = from?.after ?? 0;
  if (from?.stoppedMs !== undefined) return claimEnding(store, recordingId, after, recorder);
  const granted = await claim(store, recordingId, after + 1, { recorder, purpose: 'record' });
  return granted ? after + 1 : null;
}
