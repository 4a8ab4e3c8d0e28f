import { audit, keeping, type OrganizationTx, recordings, sessions } from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import { errors, type HeldKind, type RecordingId } from '../protocol/index.ts';

const wayOut: Record<HeldKind, string> = {
  organization: 'An owner or admin has to release it on the organization’s page first.',
  session: 'An owner or admin has to release it on the session’s page first.',
  recording: 'An owner or admin has to release it on the recording’s page first.',
};

/** @throws `conflict` with the reason, and the way out of it */
export async function refuseHeld(tx: OrganizationTx, recordingId: RecordingId): Promise<void> {
  const kept = await keeping.ofRecording(tx, recordingId);
  if (kept?.hold == null) return;
  const { of, reason } = kept.hold;
  throw errors.conflict(`A legal hold keeps this recording: “${reason}”. ${wayOut[of]}`);
}

/** @throws `not_found`; `conflict` for what is held already */
export async function placeHold(
  tx: OrganizationTx,
  held: keeping.Held,
  { reason, asked }: { reason: string; asked: Asked },
): Promise<void> {
  await mustExist(tx, held);
  if (!(await keeping.place(tx, held, reason))) throw errors.conflict('It is held already.');
  await audit.append(tx, entry(asked, 'hold.placed', targetOf(tx, held), { reason }));
}

/** @throws `not_found`; `conflict` for what is not held */
export async function releaseHold(tx: OrganizationTx, held: keeping.Held, asked: Asked): Promise<void> {
  await mustExist(tx, held);
  if (!(await keeping.release(tx, held))) throw errors.conflict('It is not held.');
  await audit.append(tx, entry(asked, 'hold.released', targetOf(tx, held)));
}

async function mustExist(tx: OrganizationTx, held: keeping.Held): Promise<void> {
  if (held.of === 'session' && (await sessions.byId(tx, held.id)) === null) throw errors.notFound('session');
  if (held.of === 'recording' && (await recordings.byId(tx, held.id)) === null)
    throw errors.notFound('recording');
}

const targetOf = (tx: OrganizationTx, held: keeping.Held) => ({
  kind: held.of,
  id: held.of === 'organization' ? tx.scope.organizationId : held.id,
});
