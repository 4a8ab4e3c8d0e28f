import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { audit, inOrganization, markers, recordings, renders, stems } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { tokenOf } from '../../accounts/api-tokens.ts';
import { askedBy, entry } from '../../audit/asked.ts';
import {
  type AppError,
  errors,
  projectFormat,
  recordingId as recordingIdSchema,
  renderId as renderIdSchema,
  rest,
  stemId as stemIdSchema,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { describeRecording } from './describe-recording.ts';
import { pathId } from './path-id.ts';

/** What is passed on of the worker's answer to a download. */
const PASSED_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'content-disposition',
  'accept-ranges',
  'etag',
] as const;

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
      const link = (path: string) => links.link(organization.organizationId, path);
      return describeRecording(recording, rows, ordered, await markers.ofRecording(tx, recordingId), link);
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
    await passOn(worker, place + path, request, response);
  };

  router.get(
    '/recordings/:recordingId/stems/:stemId/preview',
    download(request => `/stems/${pathId(stemIdSchema, request.params['stemId'], 'stem')}/preview`),
  );
  router.get(
    '/recordings/:recordingId/stems/:stemId/:format',
    download(request => {
      const stemId = pathId(stemIdSchema, request.params['stemId'], 'stem');
      const format = pathId(rest.stemFile.shape.format, request.params['format'], 'stem');
      return `/stems/${stemId}/${format}`;
    }),
  );
  router.get(
    '/recordings/:recordingId/stems.zip',
    download(() => '/stems.zip'),
  );
  router.get(
    '/recordings/:recordingId/renders/:renderId',
    download(request => `/renders/${pathId(renderIdSchema, request.params['renderId'], 'file')}`),
  );
  router.get(
    '/recordings/:recordingId/projects/:project',
    download(request => `/projects/${pathId(projectFormat, request.params['project'], 'project')}`),
  );

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

/** What goes on where a download was interrupted is no other one; nor are the pieces that a player asks for. */
const isBeginning = (request: Request): boolean =>
  request.method === 'GET' && /^(bytes=0-)?$/.test(request.headers.range ?? '');

/** Streams the worker's answer through; whoever goes away first ends both. */
async function passOn(
  worker: Routes['worker'],
  path: string,
  request: Request,
  response: Response,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await fetch(worker.url + path, {
    method: request.method,
    headers: { authorization: `Bearer ${worker.secret}`, ...rangeOf(request) },
    signal: gone.signal,
  }).catch((error: unknown) => {
    if (gone.signal.aborted) return null;
    throw errors.unavailable('recorder worker', error);
  });
  if (answer === null) return;
  if (!answer.ok && answer.status !== 416) throw await refused(answer);
  response.status(answer.status);
  for (const name of PASSED_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) response.set(name, value);
  }
  if (answer.body === null) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answer.body), response).catch((error: unknown) => {
    if (!hungUp(error)) throw error;
  });
}

/** What makes an interrupted download go on where it stopped. */
function rangeOf({ headers }: Request): Record<string, string> {
  const { range, 'if-range': ifRange } = headers;
  return {
    ...(range === undefined ? {} : { range }),
    ...(typeof ifRange === 'string' ? { 'if-range': ifRange } : {}),
  };
}

/** The browser went away in the middle, which is its right. */
const hungUp = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'));

async function refused(answer: globalThis.Response): Promise<AppError> {
  await answer.body?.cancel();
  if (answer.status === 404) return errors.notFound('stem');
  if (answer.status === 410) return errors.erased();
  return errors.unavailable('recorder worker', new Error(`the worker answered ${answer.status}`));
}
