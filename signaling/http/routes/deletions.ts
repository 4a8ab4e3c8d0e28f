import { audit, deletions, inOrganization, recordings } from '@cratersync/db';
import { Signer } from '@cratersync/infra/runtime';
import { Router } from 'express';
import { askedBy, entry } from '../../audit/asked.ts';
import { refuseHeld } from '../../keeping/holds.ts';
import { DELETION_GRACE_MS, errors, recordingId as recordingIdSchema, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

/** What owners and admins want gone: it is hidden at once, and erased a day later. */
export function deletionRoutes({ db, manager, config }: Routes): Router {
  const router = Router();
  const { publicKey } = new Signer(config.SEALING_KEY);
  const previous = config.SEALING_KEY_PREVIOUS;
  const formerReceiptKeys = [
    ...config.RECEIPT_KEYS_FORMER,
    ...(previous === undefined ? [] : [new Signer(previous).publicKey]),
  ];

  router.delete('/recordings/:recordingId', async (request, response) => {
    const { organization, account } = await manager(request, 'delete recordings');
    const recordingId = pathId(recordingIdSchema, request.params.recordingId, 'recording');
    const asked = askedBy(account.accountId, request, response);
    const deletion = await inOrganization(db, organization.organizationId, async tx => {
      const recording = await recordings.byId(tx, recordingId);
      if (recording === null) throw errors.notFound('recording');
      if (recording.state !== 'complete' && recording.state !== 'incomplete')
        throw errors.conflict(
          'It is still being recorded. Stop the recording in its studio, then delete it.',
        );
      await refuseHeld(tx, recordingId);
      await deletions.request(tx, recordingId, {
        requestedBy: account.accountId,
        graceMs: DELETION_GRACE_MS,
      });
      const target = { kind: 'recording', id: recordingId } as const;
      await audit.append(tx, entry(asked, 'recording.deleted', target));
      return deletions.byId(tx, recordingId);
    });
    if (deletion === null) throw errors.notFound('recording');
    response.status(202).json(shape(deletion));
  });

  router.get('/deletions', async (request, response) => {
    const { organization } = await manager(request, 'see what was deleted');
    const page = rest.pageQuery.parse(request.query);
    const { rows, next } = await inOrganization(db, organization.organizationId, tx =>
      deletions.list(tx, page),
    );
    response.json({ deletions: rows.map(shape), receiptKey: publicKey, formerReceiptKeys, next });
  });

  router.delete('/deletions/:deletionId', async (request, response) => {
    const { organization, account } = await manager(request, 'undo deletions');
    const recordingId = pathId(recordingIdSchema, request.params.deletionId, 'deletion');
    const asked = askedBy(account.accountId, request, response);
    await inOrganization(db, organization.organizationId, async tx => {
      if ((await deletions.byId(tx, recordingId)) === null) throw errors.notFound('deletion');
      if (!(await deletions.undo(tx, recordingId)))
        throw errors.conflict(
          'It is too late: its key is destroyed, and nothing opens that recording again.',
        );
      await audit.append(tx, entry(asked, 'recording.restored', { kind: 'recording', id: recordingId }));
    });
    response.status(204).end();
  });

  router.get('/deletions/:deletionId/receipt', async (request, response) => {
    const { organization } = await manager(request, 'see what was deleted');
    const recordingId = pathId(recordingIdSchema, request.params.deletionId, 'receipt');
    const deletion = await inOrganization(db, organization.organizationId, tx =>
      deletions.byId(tx, recordingId),
    );
    if (deletion?.receipt == null) throw errors.notFound('receipt');
    response.attachment(`erasure-${recordingId}.json`).type('application/json').send(deletion.receipt);
  });

  return router;
}

const shape = (row: deletions.Deletion): rest.Deletion => ({
  recordingId: row.recordingId,
  sessionId: row.sessionId,
  sessionTitle: row.sessionTitle,
  recordedAt: row.recordedAt.toISOString(),
  requestedAt: row.requestedAt.toISOString(),
  eraseAfter: row.eraseAfter.toISOString(),
  isExpired: row.isExpired,
  isHeld: row.isHeld,
  state: stateOf(row),
});

function stateOf({ startedAt, finishedAt }: deletions.Deletion): rest.Deletion['state'] {
  if (finishedAt !== null) return 'erased';
  return startedAt === null ? 'waiting' : 'erasing';
}
