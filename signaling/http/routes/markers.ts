import { inOrganization, markers, type OrganizationTx, recordings } from '@cratersync/db';
import { Router } from 'express';
import {
  errors,
  markerId as markerIdSchema,
  type RecordingId,
  recordingId as recordingIdSchema,
  rest,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

/** Places in a recording that its organization's members give names: while it records, and afterwards. */
export function markerRoutes({ db, member }: Routes): Router {
  const router = Router();

  router.post('/recordings/:recordingId/markers', async (request, response) => {
    const { organization, account, displayName } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const { name, atMs } = rest.addMarker.parse(request.body ?? {});
    const marker = await inOrganization(db, organization.organizationId, async tx => {
      const recording = await found(tx, recordingId);
      const placeMs = atMs ?? thisMoment(recording);
      refuseBehindEnd(recording, placeMs);
      if ((await markers.ofRecording(tx, recordingId)).length >= rest.MOST_MARKERS)
        throw errors.conflict(`A recording has ${rest.MOST_MARKERS} markers at most. Remove some.`);
      const made = { atMs: placeMs, name, madeBy: displayName };
      return await markers.insert(tx, recordingId, made, account.accountId);
    });
    response.status(201).json(marker satisfies rest.Marker);
  });

  router.patch('/recordings/:recordingId/markers/:markerId', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const markerId = pathId(markerIdSchema, request.params['markerId'], 'marker');
    const change = rest.changeMarker.parse(request.body ?? {});
    const marker = await inOrganization(db, organization.organizationId, async tx => {
      const recording = await found(tx, recordingId);
      if (change.atMs !== undefined) refuseBehindEnd(recording, change.atMs);
      return await markers.change(tx, recordingId, markerId, change);
    });
    if (marker === null) throw errors.notFound('marker');
    response.json(marker satisfies rest.Marker);
  });

  router.delete('/recordings/:recordingId/markers/:markerId', async (request, response) => {
    const { organization } = await member(request);
    const recordingId = pathId(recordingIdSchema, request.params['recordingId'], 'recording');
    const markerId = pathId(markerIdSchema, request.params['markerId'], 'marker');
    const removed = await inOrganization(db, organization.organizationId, tx =>
      markers.remove(tx, recordingId, markerId),
    );
    if (!removed) throw errors.notFound('marker');
    response.status(204).end();
  });

  return router;
}

async function found(tx: OrganizationTx, recordingId: RecordingId): Promise<recordings.Recording> {
  const recording = await recordings.byId(tx, recordingId);
  if (recording === null) throw errors.notFound('recording');
  return recording;
}

function thisMoment({ state, startedAt }: recordings.Recording): number {
  if (state !== 'recording')
    throw errors.conflict('It is not recording: say where the marker belongs (atMs).');
  return Math.max(0, Date.now() - startedAt.getTime());
}

function refuseBehindEnd({ durationMs }: recordings.Recording, atMs: number): void {
  if (durationMs !== null && atMs > durationMs)
    throw errors.badRequest(`atMs: the recording is ${durationMs} ms long`);
}
