import { audit, inOrganization, type OrganizationTx, recordings, shares } from '@cratersync/db';
import { type Request, Router } from 'express';
import { newBearer } from '../../accounts/secrets.ts';
import { askedBy, entry } from '../../audit/asked.ts';
import {
  errors,
  type RecordingId,
  recordingId as recordingIdSchema,
  rest,
  shareId as shareIdSchema,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

const DAY_MS = 86_400_000;
/** That work at the same time. */
const MOST_SHARES = 100;

/** Links to one recording for people without an account: made by whoever may download it themselves. */
export function shareRoutes({ db, member, config }: Routes): Router {
  const router = Router();

  router.get('/recordings/:recordingId/shares', async (request, response) => {
    const { organization } = await member(request);
    const rows = await inOrganization(db, organization.organizationId, async tx =>
      shares.ofRecording(tx, await found(tx, request)),
    );
    response.json({ shares: rows.map(shareShape) } satisfies rest.ShareList);
  });

  router.post('/recordings/:recordingId/shares', async (request, response) => {
    const { organization, account } = await member(request);
    const token = newBearer(128);
    const row = await inOrganization(db, organization.organizationId, async tx => {
      const recordingId = await found(tx, request);
      const { name, contents, expiresInDays } = rest.createShare.parse(request.body ?? {});
      if ((await shares.ofRecording(tx, recordingId)).length >= MOST_SHARES)
        throw errors.conflict(`There are ${MOST_SHARES} links already. End one that is not used.`);
      const made = await shares.create(tx, {
        ...{ recordingId, name, contents, tokenHash: token.hash, createdBy: account.accountId },
        lifetimeMs: expiresInDays * DAY_MS,
      });
      const asked = askedBy(account.accountId, request, response);
      const target = { kind: 'share', id: made.shareId } as const;
      await audit.append(tx, entry(asked, 'share.created', target, { contents, expiresInDays }));
      return made;
    });
    // In the fragment: it is not sent to any server, and so in no log.
    const url = new URL(`/shared#${token.secret}`, config.PUBLIC_URL).href;
    response.status(201).json({ ...shareShape(row), url });
  });

  router.delete('/recordings/:recordingId/shares/:shareId', async (request, response) => {
    const { organization, account } = await member(request);
    const shareId = pathId(shareIdSchema, request.params['shareId'], 'link');
    await inOrganization(db, organization.organizationId, async tx => {
      if (!(await shares.end(tx, await found(tx, request), shareId))) throw errors.notFound('link');
      const asked = askedBy(account.accountId, request, response);
      await audit.append(tx, entry(asked, 'share.ended', { kind: 'share', id: shareId }));
    });
    response.status(204).end();
  });

  return router;
}

async function found(tx: OrganizationTx, { params }: Pick<Request, 'params'>): Promise<RecordingId> {
  const recordingId = pathId(recordingIdSchema, params['recordingId'], 'recording');
  if ((await recordings.byId(tx, recordingId)) === null) throw errors.notFound('recording');
  return recordingId;
}

const shareShape = ({
  createdByName,
  createdAt,
  expiresAt,
  lastOpenedAt,
  ...row
}: shares.Share): rest.Share => ({
  ...row,
  createdBy: createdByName,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  lastOpenedAt: lastOpenedAt?.toISOString() ?? null,
});
