import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log } from '@cratersync/infra/runtime';
import {
  errors,
  type OrganizationId,
  organizationId,
  type RecordingId,
  recordingId,
  toAppError,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';
import type { Keys } from '../keys/index.ts';
import type { RecordingIdentity, StemRow } from '../stems/index.ts';
import { type ObjectStore, StoreUnavailable } from '../store/index.ts';
import { sendFile } from './send-file.ts';
import { sendZip } from './send-zip.ts';

export interface DownloadsContext {
  /** @returns null when the organization has no such recording */
  find(organizationId: OrganizationId, recordingId: RecordingId): Promise<FoundRecording | null>;
  /** Throws while the worker cannot do its work. */
  checkHealth(): Promise<void>;
  store: Pick<ObjectStore, 'get'>;
  keys: Pick<Keys, 'sessionKey'>;
  nodeSecret: string;
  log: Log;
}

export interface FoundRecording extends RecordingIdentity {
  startedAt: Date;
  stems: StemRow[];
}

/** A recording whose key is there, and its stems that can be downloaded. */
export interface ReadableRecording {
  startedAt: Date;
  sessionKey: Uint8Array;
  ready: StemRow[];
}

const PATH =
  /^\/organizations\/(?<organizationId>[^/]+)\/recordings\/(?<recordingId>[^/]+)\/(?:stems\/(?<stemId>[^/]+)\/(?<format>[a-z0-9]+)|stems\.zip)$/;
const ids = z.object({ organizationId, recordingId });

/**
 * The worker's HTTP for signaling, which has already decided who may have what:
 * one file of one stem, all ready stems as a zip, and the worker's health.
 */
export function downloads(context: DownloadsContext): RequestListener {
  return (request, response) => {
    void answer(context, request, response).catch((thrown: unknown) => {
      // Who downloads is not who runs the store: they learn that it is away, and the log why.
      const error = toAppError(
        thrown instanceof StoreUnavailable ? errors.unavailable('object store', thrown) : thrown,
      );
      if (error.blame !== 'caller') context.log.error({ err: thrown, url: request.url }, 'a download failed');
      // Behind the headers nothing can be said any more; a broken connection at least does not look complete.
      if (response.headersSent) response.destroy();
      else sendJson(response, error.status, error.toBody());
    });
  };
}

async function answer(
  context: DownloadsContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://worker');
  if (request.method !== 'GET' && request.method !== 'HEAD') throw errors.notFound('download');
  if (pathname === '/healthz') {
    await context.checkHealth();
    return sendJson(response, 200, { ok: true });
  }
  if (!isAuthorized(request, context.nodeSecret)) throw errors.notSignedIn();
  const match = PATH.exec(pathname)?.groups;
  const parsed = ids.safeParse(match);
  if (match === undefined || !parsed.success) throw errors.notFound('download');
  const recording = await readable(context, parsed.data);
  if (match['stemId'] === undefined) return await sendZip(context.store, recording, request, response);
  const stem = recording.ready.find(({ stemId }) => stemId === match['stemId']);
  const file = stem?.files.find(({ format }) => format === match['format']);
  if (stem === undefined || file === undefined) throw errors.notFound('stem');
  await sendFile(context.store, recording.sessionKey, stem.name, file, request, response);
}

async function readable(context: DownloadsContext, wanted: z.output<typeof ids>): Promise<ReadableRecording> {
  const recording = await context.find(wanted.organizationId, wanted.recordingId);
  if (recording === null) throw errors.notFound('recording');
  const { organizationId, sessionId, startedAt, stems } = recording;
  const sessionKey = await context.keys.sessionKey({ organizationId, sessionId }, recording.recordingId);
  return { startedAt, sessionKey, ready: stems.filter(({ state }) => state === 'ready') };
}

/** Compares hashes, so that neither the length nor the place of the first difference shows in the time it takes. */
function isAuthorized(request: IncomingMessage, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(request.headers.authorization ?? ''), hash(`Bearer ${secret}`));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
