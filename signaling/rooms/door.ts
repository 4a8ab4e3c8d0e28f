import type { participants } from '@cratersync/db';
import { type AppError, errors } from '../protocol/index.ts';

/** Why a seat is worth nothing (any more); null: it is good. The same for who comes and for who is inside. */
export function whyEnded(
  seat: Pick<participants.Seat, 'revoked' | 'removed' | 'accountId' | 'closing'>,
): AppError | null {
  if (seat.revoked) return seat.accountId === null ? errors.linkInvalid() : errors.membershipEnded();
  if (seat.closing) return seat.accountId === null ? errors.organizationGone() : errors.organizationClosed();
  return seat.removed ? errors.removedFromSession() : null;
}

/**
 * Whether somebody who asks for the room may enter at once, or waits to be admitted. Pure.
 * @throws `link_invalid`, `membership_ended`, `removed`, `session_ended`, `session_locked`
 */
export function wayIn(seat: participants.Seat): 'enter' | 'wait' {
  const ended = whyEnded(seat);
  if (ended !== null) throw ended;
  if (seat.role === 'host') return 'enter';
  if (seat.closed) throw errors.sessionEnded();
  // Members need nobody's leave; nor does anybody who has been inside.
  if (seat.accountId !== null || seat.admitted) return 'enter';
  if (seat.locked) throw errors.sessionLocked();
  return seat.lobby && seat.role !== 'co-host' ? 'wait' : 'enter';
}
