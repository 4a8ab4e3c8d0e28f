import { audit, inOrganization, invitations, keeping, recordings, sessions } from '@cratersync/db';
import { type Request, Router } from 'express';
import { tokenOf } from '../../accounts/api-tokens.ts';
import { seatMember } from '../../accounts/seats.ts';
import { askedBy, entry } from '../../audit/asked.ts';
import { changeSessionRetention, sessionRetentionShape } from '../../keeping/retention.ts';
import { errors, rest, sessionId as sessionIdSchema } from '../../protocol/index.ts';
import { writeSettings } from '../../rooms/session-settings.ts';
import type { Routes } from '../dependencies.ts';
import { invitationShape } from './invitations.ts';
import { holdShape } from './keeping.ts';
import { pathId } from './path-id.ts';

export function sessionRoutes({ db, limits, member, manager, rooms }: Routes): Router {
  const router = Router();
  /** It deletes, later: for that, no token is enough. */
  const forKeeping = async (request: Request) => {
    if (tokenOf(request) !== undefined) throw errors.tokenRefused();
    await manager(request, 'say how long recordings are kept');
  };

  router.get('/sessions', async (request, response) => {
    const { organization } = await member(request);
    const { when, search, ...page } = rest.sessionQuery.parse(request.query);
    const { rows, next } = await inOrganization(db, organization.organizationId, tx =>
      sessions.list(tx, page, { when, search }),
    );
    response.json({ sessions: rows.map(summary), next });
  });

  router.post('/sessions', async (request, response) => {
    const { organization, account } = await member(request);
    const { title, startsAt, retention } = rest.createSession.parse(request.body);
    if (retention !== undefined) await forKeeping(request);
    const row = await inOrganization(db, organization.organizationId, async tx => {
      // Before the lock of the audit log, as whoever else needs both.
      if (retention !== undefined) await keeping.holdKeeping(tx);
      const made = await sessions.create(tx, {
        title,
        startsAt: timeOf(startsAt),
        createdBy: account.accountId,
      });
      const asked = askedBy(account.accountId, request, response);
      await audit.append(tx, entry(asked, 'session.created', { kind: 'session', id: made.sessionId }));
      if (retention !== undefined)
        await changeSessionRetention(tx, made.sessionId, retention, { asked, limits });
      return made;
    });
    response.status(201).json(summary(row));
  });

  router.get('/sessions/:sessionId', async (request, response) => {
    const { organization } = await member(request);
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const detail = await inOrganization(db, organization.organizationId, async tx => {
      const session = await sessions.byId(tx, sessionId);
      if (session === null) throw errors.notFound('session');
      const links = await invitations.ofSession(tx, sessionId);
      const recorded = await recordings.ofSession(tx, sessionId);
      const kept = await keeping.ofSession(tx, sessionId);
      if (kept === null) throw errors.notFound('session');
      return {
        ...summary(session),
        lobby: session.lobby,
        locked: session.locked,
        invitations: links.map(invitationShape),
        recordings: recorded.map(({ recordingId, state, startedAt, durationMs }) => ({
          recordingId,
          state,
          startedAt: startedAt.toISOString(),
          durationMs,
        })),
        retention: sessionRetentionShape(kept.retentionDays, limits),
        hold: holdShape(kept.hold),
        kept: { days: kept.keptDays, isByPlan: kept.isByPlan, isHeld: kept.isHeld },
      } satisfies rest.SessionDetail;
    });
    response.json(detail);
  });

  router.post('/sessions/:sessionId/network', async (request, response) => {
    const { organization } = await member(request);
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const { dtlsParameters } = rest.network.parse(request.body);
    const session = await inOrganization(db, organization.organizationId, tx => sessions.byId(tx, sessionId));
    if (session === null) throw errors.notFound('session');
    response.json(await rooms.openProbe({ sessionId, region: organization.region }, dtlsParameters));
  });

  router.patch('/sessions/:sessionId', async (request, response) => {
    const { organization, account } = await member(request);
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const { startsAt, ...others } = rest.configureSession.parse(request.body);
    if (others.retention !== undefined) await forKeeping(request);
    const change = { ...others, startsAt: startsAt === undefined ? undefined : timeOf(startsAt) };
    const place = { organizationId: organization.organizationId, sessionId };
    const asked = askedBy(account.accountId, request, response);
    const settings = await writeSettings({ db, limits }, place, change, asked);
    await rooms.settingsChanged(place, settings);
    response.json(settings);
  });

  router.post('/sessions/:sessionId/host-seat', async (request, response) => {
    const { organization, account, displayName } = await member(request);
    const { as: role } = rest.hostSeat.parse(request.body ?? {});
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const { accountId } = account;
    const seat = await seatMember(db, organization.organizationId, {
      sessionId,
      accountId,
      displayName,
      role,
    });
    response.status(201).json(seat);
  });

  return router;
}

const timeOf = (at: string | null): Date | null => (at === null ? null : new Date(at));

const summary = ({
  sessionId,
  title,
  state,
  createdAt,
  startsAt,
  people,
}: sessions.Session): rest.SessionSummary => ({
  sessionId,
  title,
  state,
  createdAt: createdAt.toISOString(),
  startsAt: startsAt?.toISOString() ?? null,
  people,
});
