import { inOrganization, recordings, renders, stems } from '@cratersync/db';
import { Router } from 'express';
import {
  errors,
  kindOf,
  recordingId as recordingIdSchema,
  renderId as renderIdSchema,
  rest,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { describeRecording } from './describe-recording.ts';
import { pathId } from './path-id.ts';

/** What members of an organization order to be made of its recordings. */
export function renderRoutes({ db, limits, member, links }: Routes): Router {
  const router = Router();

  router.post('/recordings/:recordingId/renders', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const wanted = rest.orderRender.parse(request.body ?? {});
    const render = await inOrganization(db, organization.organizationId, async tx => {
      const recording = await recordings.byId(tx, recordingId);
      if (recording === null) throw errors.notFound('recording');
      const { formats } = await limits.of(tx);
      if (!formats.includes(wanted.format)) throw errors.planFormat(wanted.format);
      const rows = await stems.ofRecording(tx, recordingId);
      refuseImpossible(wanted, rows);
      const { renderId } = await renders.order(tx, { ...wanted, recordingId, stemId: wanted.stemId ?? null });
      const urlOf = links.below(organization.organizationId, `/api/v1/recordings/${recordingId}`);
      const ordered = await renders.ofRecording(tx, recordingId);
      const described = describeRecording(recording, rows, ordered, [], urlOf);
      return described.renders.find(each => each.renderId === renderId);
    });
    response.status(202).json(render);
  });

  router.delete('/recordings/:recordingId/renders/:renderId', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const renderId = pathId(renderIdSchema, request.params['renderId'], 'file');
    await inOrganization(db, organization.organizationId, async tx => {
      const render = await renders.byId(tx, renderId);
      if (render?.recordingId !== recordingId) throw errors.notFound('file');
      await renders.advance(tx, renderId, 'cancelled', { note: null });
    });
    response.status(204).end();
  });

  router.post('/recordings/:recordingId/stems', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const { all } = rest.renderStems.parse(request.body ?? {});
    await inOrganization(db, organization.organizationId, async tx => {
      if ((await recordings.byId(tx, recordingId)) === null) throw errors.notFound('recording');
      await stems.orderAgain(tx, recordingId, { all });
    });
    response.status(202).json({});
  });

  return router;
}

/** Orders that could only fail are refused at once, with what stands in their way. */
function refuseImpossible(
  { format, stemId }: ReturnType<typeof rest.orderRender.parse>,
  rows: stems.Stem[],
): void {
  const ofStem = format === 'mp3' || format === 'opus' || format === 'cfr';
  if (!ofStem) {
    if (stemId !== undefined) throw errors.badRequest(`stemId: ${format} is made of the whole recording`);
    const kind = format === 'grid' ? 'video' : 'audio';
    if (rows.some(row => kindOf(row.source) === kind && row.files.length > 0)) return;
    throw errors.conflict(
      kind === 'audio'
        ? 'There is no sound to be mixed yet.'
        : 'There are no pictures to be put together yet.',
    );
  }
  if (stemId === undefined) throw errors.badRequest(`stemId: ${format} is made of one stem`);
  const row = rows.find(each => each.stemId === stemId);
  if (row === undefined) throw errors.notFound('stem');
  if ((kindOf(row.source) === 'video') !== (format === 'cfr')) {
    throw errors.badRequest(`format: ${format} cannot be made of ${row.name}`);
  }
  if (row.files.length === 0) throw errors.conflict(`${row.name} is not ready yet.`);
}
