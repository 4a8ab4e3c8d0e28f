import {
  audit,
  type Database,
  inOrganization,
  keeping,
  type OrganizationTx,
  participants,
  sessions,
} from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import type { PlanLimits } from '../billing/standing.ts';
import { changeSessionRetention } from '../keeping/retention.ts';
import {
  errors,
  type OrganizationId,
  type SessionId,
  type SessionRetention,
  type SessionSettings,
} from '../protocol/index.ts';

/** How a session is to treat those who come, what it is called, and when it is planned for; what is left out stays. */
export interface SettingsChange {
  lobby?: boolean | undefined;
  locked?: boolean | undefined;
  title?: string | undefined;
  startsAt?: Date | null | undefined;
  retention?: SessionRetention | undefined;
}

const actions = { lobby: 'session.lobby-switched', locked: 'session.lock-switched' } as const;

/**
 * Writes settings down, each switch that moves, another title and another time with an entry in the audit log.
 * @throws `not_found`; `plan_limit` for a longer time than the plan allows
 */
export const writeSettings = (
  { db, limits }: { db: Database; limits: PlanLimits },
  place: { organizationId: OrganizationId; sessionId: SessionId },
  change: SettingsChange,
  asked: Asked,
): Promise<SessionSettings> =>
  inOrganization(db, place.organizationId, async tx => {
    const { sessionId } = place;
    // Before the locks of the session and of the audit log, as whoever else needs them.
    if (change.retention !== undefined) await keeping.holdKeeping(tx);
    const before = await sessions.hold(tx, sessionId);
    if (before === null) throw errors.notFound('session');
    const { lobby = before.lobby, locked = before.locked } = change;
    const { title = before.title, startsAt = before.startsAt } = change;
    const after = { lobby, locked };
    await sessions.configure(tx, sessionId, { ...after, title, startsAt });
    for (const name of ['lobby', 'locked'] as const)
      if (after[name] !== before[name]) await note(tx, sessionId, name, { on: after[name], asked });
    if (title !== before.title)
      await audit.append(tx, entry(asked, 'session.renamed', { kind: 'session', id: sessionId }));
    if (change.retention !== undefined)
      await changeSessionRetention(tx, sessionId, change.retention, { asked, limits });
    return after;
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
