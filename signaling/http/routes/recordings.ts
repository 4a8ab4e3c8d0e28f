import { audit, inOrganization, keeping, markers, recordings, renders, stems } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { tokenOf } from '../../accounts/api-tokens.ts';
import { askedBy, entry } from '../../audit/asked.ts';
import { errors, recordingId as recordingIdSchema, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { isBeginning, passOn } from '../pass-on.ts';
import { describeRecording } from './describe-recording.ts';
import { recordingKeepingShape } from './keeping.ts';
import { pathId } from './path-id.ts';
import { recordingFiles } from './recording-files.ts';

export function recordingRoutes({ db, member, worker, links }: Routes): Router {
  const router = Router();

  router.get('/recordings', async (request, response) => {
    const { organization } = await member(request);
    const page = rest.pageQuery.parse(request.query);
    const { rows, next } = await inOrganization(db, organization.organizationId, tx =>
      recordings.list(tx, page),
    );
    response.json({ recordings: rows.map(listed), next });
  });

  router.get('/recordings/:recordingId', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const detail = await inOrganization(db, organization.organizationId, async tx => {
      const recording = await recordings.byId(tx, recordingId);
      if (recording === null) throw errors.notFound('recording');
      const rows = await stems.ofRecording(tx, recordingId);
      const ordered = await renders.ofRecording(tx, recordingId);
      const marked = await markers.ofRecording(tx, recordingId);
      const kept = await keeping.ofRecording(tx, recordingId);
      if (kept === null) throw errors.notFound('recording');
      const urlOf = links.below(organization.organizationId, `/api/v1/recordings/${recordingId}`);
      return {
        ...describeRecording(recording, rows, ordered, marked, urlOf),
        keeping: recordingKeepingShape(kept),
      } satisfies rest.RecordingDetail;
    });
    response.json(detail);
  });

  /** The organization comes from who is asking, never from the path: a foreign recording is an absent one. */
  const download = (tail: (request: Request) => string) => async (request: Request, response: Response) => {
    const { organization, account } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const path = tail(request);
    // A token is sent on purpose, and ends by itself; a cookie goes with any link.
    if (tokenOf(request) === undefined)
      links.check(organization.organizationId, request.baseUrl + request.path, request.query);
    if (isBeginning(request))
      await inOrganization(db, organization.organizationId, async tx => {
        if ((await recordings.byId(tx, recordingId)) === null) throw errors.notFound('recording');
        const asked = askedBy(account.accountId, request, response);
        const target = { kind: 'recording', id: recordingId } as const;
        await audit.append(tx, entry(asked, 'recording.downloaded', target, { what: path.slice(1) }));
      });
    const place = `/organizations/${organization.organizationId}/recordings/${recordingId}`;
    await passOn(worker, { region: organization.region, path: place + path }, request, response);
  };

  for (const [path, tail] of Object.entries(recordingFiles))
    router.get(`/recordings/:recordingId${path}`, download(tail));

  return router;
}

const listed = (row: recordings.Recording): z.output<typeof rest.listedRecording> => ({
  ...{
    recordingId: row.recordingId,
    sessionId: row.sessionId,
    sessionTitle: row.sessionTitle,
    state: row.state,
  },
  startedAt: row.startedAt.toISOString(),
  durationMs: row.durationMs,
});
