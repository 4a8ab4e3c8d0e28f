import {
  audit,
  type Database,
  inOrganization,
  type OrganizationTx,
  participants,
  sessions,
} from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import { errors, type OrganizationId, type SessionId, type SessionSettings } from '../protocol/index.ts';

/** How a session is to treat those who come; what is left out stays. */
export interface SettingsChange {
  lobby?: boolean | undefined;
  locked?: boolean | undefined;
}

const actions = { lobby: 'session.lobby-switched', locked: 'session.lock-switched' } as const;

/**
 * Writes settings down, each switch that moves with an entry in the audit log.
 * @throws `not_found`
 */
export const writeSettings = (
  db: Database,
  place: { organizationId: OrganizationId; sessionId: SessionId },
  change: SettingsChange,
  asked: Asked,
): Promise<SessionSettings> =>
  inOrganization(db, place.organizationId, async tx => {
    const { sessionId } = place;
    const before = await sessions.hold(tx, sessionId);
    if (before === null) throw errors.notFound('session');
    const after = { lobby: change.lobby ?? before.lobby, locked: change.locked ?? before.locked };
    await sessions.configure(tx, sessionId, after);
    for (const name of ['lobby', 'locked'] as const)
      if (after[name] !== before[name]) await note(tx, sessionId, name, { on: after[name], asked });
    return after;
  });

/**
 * Writes down what a session is called and when it is planned for; another name with an entry in the audit log.
 * @throws `not_found`
 */
export const writeDescription = (
  db: Database,
  place: { organizationId: OrganizationId; sessionId: SessionId },
  change: { title?: string | undefined; startsAt?: Date | null | undefined },
  asked: Asked,
): Promise<void> =>
  inOrganization(db, place.organizationId, async tx => {
    const { sessionId } = place;
    const before = await sessions.hold(tx, sessionId);
    if (before === null) throw errors.notFound('session');
    const { title = before.title, startsAt = before.startsAt } = change;
    await sessions.describe(tx, sessionId, { title, startsAt });
    if (title !== before.title)
      await audit.append(tx, entry(asked, 'session.renamed', { kind: 'session', id: sessionId }));
  });

const note = (
  tx: OrganizationTx,
  sessionId: SessionId,
  name: keyof SessionSettings,
  { on, asked }: { on: boolean; asked: Asked },
): Promise<void> => audit.append(tx, entry(asked, actions[name], { kind: 'session', id: sessionId }, { on }));

/** They need not wait any more, now or when they come back. */
export const writeAdmitted = (
  db: Database,
  organizationId: OrganizationId,
  ids: Parameters<typeof participants.admit>[1],
): Promise<void> => inOrganization(db, organizationId, tx => participants.admit(tx, ids));
