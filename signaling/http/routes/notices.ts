import { audit, inOrganization, notices } from '@cratersync/db';
import { Router } from 'express';
import { askedBy, entry } from '../../audit/asked.ts';
import { type AccountId, errors, noticeId as noticeIdSchema, type rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

/** What is announced to organizations, and that their owners have taken note. */
export function noticeRoutes({ db, member, owner }: Routes): Router {
  const router = Router();

  router.get('/notices', async (request, response) => {
    const { organization, account } = await member(request);
    const rows = await inOrganization(db, organization.organizationId, tx => notices.ofOrganization(tx));
    const ownerId = organization.role === 'owner' ? account.accountId : null;
    response.json({ notices: rows.map(row => shape(row, ownerId)) } satisfies rest.NoticeList);
  });

  router.post('/notices/:noticeId/acknowledgement', async (request, response) => {
    const { organization, account } = await owner(request, 'take note for it');
    const noticeId = pathId(noticeIdSchema, request.params['noticeId'], 'notice');
    await inOrganization(db, organization.organizationId, async tx => {
      const isNew = await notices.acknowledge(tx, noticeId, account.accountId);
      if (isNew === null) throw errors.notFound('notice');
      if (!isNew) return;
      const asked = askedBy(account.accountId, request, response);
      await audit.append(tx, entry(asked, 'notice.acknowledged', { kind: 'notice', id: noticeId }));
    });
    response.status(204).end();
  });

  return router;
}

/** @param ownerId who asks, if they own the organization */
const shape = (row: notices.ShownNotice, ownerId: AccountId | null): rest.Announcement => ({
  noticeId: row.noticeId,
  kind: row.kind,
  version: row.version,
  announcedAt: row.announcedAt.toISOString(),
  effectiveAt: row.effectiveAt.toISOString(),
  state: row.state,
  texts: row.texts,
  acknowledgements: row.acknowledgements.map(({ by, at }) => ({ by, at })),
  isPending:
    ownerId !== null &&
    row.state !== 'past' &&
    !row.acknowledgements.some(({ accountId }) => accountId === ownerId),
});
