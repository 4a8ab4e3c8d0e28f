import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { markers } from '@cratersync/db';
import { type Log, type Metrics, requestIdOf } from '@cratersync/infra/runtime';
import {
  errors,
  type OrganizationId,
  organizationId,
  type ProjectFormat,
  projectFormat,
  type RecordingId,
  recordingId,
  toAppError,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { type ExportPlace, exportPlace } from '../exports/index.ts';
import { CustomerKeyRefused, type Keys, KeysUnavailable } from '../keys/index.ts';
import { projectFile, projectNames } from '../projects/index.ts';
import { openRecording } from '../reader.ts';
import {
  type ExtraRow,
  extraEndings,
  previewOf,
  type RecordingIdentity,
  type StemRow,
} from '../stems/index.ts';
import { type ObjectStore, StoreUnavailable } from '../store/index.ts';
import { downloadLog } from './download-log.ts';
import { projectSource, type ReadableRecording } from './recording-files.ts';
import { type SentFile, sendFile, sendMade, storedFile } from './send-file.ts';
import { sendZip } from './send-zip.ts';

export interface DownloadsContext {
  /** @returns null when the organization has no such recording */
  find(organizationId: OrganizationId, recordingId: RecordingId): Promise<FoundRecording | null>;
  /** @returns null when there is no such export that is ready */
  findExport(place: ExportPlace): Promise<SentFile | null>;
  /** Throws while the worker cannot do its work. */
  checkHealth(): Promise<void>;
  store: Pick<ObjectStore, 'get'>;
  keys: Pick<Keys, 'sessionKey'>;
  /** Signaling knows one of them. */
  nodeSecrets: readonly string[];
  log: Log;
  metrics: Metrics;
}

export interface FoundRecording extends RecordingIdentity {
  title: string;
  startedAt: Date;
  durationMs: number | null;
  stems: StemRow[];
  extras: ExtraRow[];
  markers: markers.Marker[];
}

const PATH = new RegExp(
  '^/organizations/(?<organizationId>[^/]+)/recordings/(?<recordingId>[^/]+)/' +
    '(?:stems/(?<stemId>[^/]+)/(?<format>[a-z0-9]+)|renders/(?<renderId>[^/]+)|projects/(?<project>[a-z0-9]+)|stems\\.zip)$',
);
const EXPORT_PATH =
  /^\/(?:organizations\/(?<organizationId>[^/]+)|accounts\/(?<accountId>[^/]+))\/exports\/(?<exportId>[^/]+)$/;
const ids = z.object({ organizationId, recordingId });

/**
 * The worker's HTTP for signaling, which has already decided who may have what:
 * one file of one stem, what was ordered, projects and certificate, all of it as a zip, and the worker's health.
 */
export function downloads(context: DownloadsContext): RequestListener {
  const note = downloadLog(context);
  return (request, response) => {
    note(request, response);
    void answer(context, request, response).catch((thrown: unknown) => {
      const error = toAppError(told(thrown));
      if (error.blame !== 'caller')
        context.log.error({ err: thrown, requestId: requestIdOf(request.headers) }, 'a download failed');
      // Behind the headers nothing can be said any more; a broken connection at least does not look complete.
      if (response.headersSent) response.destroy();
      else sendJson(response, error.status, error.toBody());
    });
  };
}

/** Who downloads is not who runs the store or owns the key: they learn that it is away, and the log why. */
function told(thrown: unknown): unknown {
  if (thrown instanceof StoreUnavailable) return errors.unavailable('object store', thrown);
  if (thrown instanceof CustomerKeyRefused) return errors.keyRefused(thrown);
  return thrown instanceof KeysUnavailable ? errors.unavailable('key store', thrown) : thrown;
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
  if (!isAuthorized(request, context.nodeSecrets)) throw errors.notSignedIn();
  const exported = EXPORT_PATH.exec(pathname)?.groups;
  if (exported !== undefined) {
    const place = exportPlace.safeParse(Object.fromEntries(Object.entries(exported).filter(([, id]) => id)));
    const file = place.success ? await context.findExport(place.data) : null;
    if (file === null) throw errors.notFound('export');
    return await sendFile(file, request, response);
  }
  const match = PATH.exec(pathname)?.groups;
  const parsed = ids.safeParse(match);
  if (match === undefined || !parsed.success) throw errors.notFound('download');
  const recording = await readable(context, parsed.data);
  const { store } = context;
  if (match['project'] !== undefined) {
    const format = projectFormat.safeParse(match['project']);
    if (!format.success) throw errors.notFound('project');
    const bytes = await projectFile(format.data, await projectSource(store, recording));
    const named = { contentType: PROJECT_TYPES[format.data], fileName: projectNames[format.data] };
    return sendMade(bytes, named, request, response);
  }
  if (match['format'] === 'preview') {
    const preview = await previewFile(context, parsed.data, recording, match['stemId']);
    return await sendFile(preview, request, response);
  }
  const file =
    match['renderId'] === undefined ? stemFile(recording, match) : extraFile(recording, match['renderId']);
  if (file === null) return await sendZip(store, recording, request, response);
  await sendFile(storedFile(store, recording.sessionKey, file), request, response);
}

/** A sound to be heard before its files are made. */
async function previewFile(
  { store, keys }: DownloadsContext,
  { organizationId }: z.output<typeof ids>,
  { stems, recordingId, sessionId }: ReadableRecording,
  stemId: string | undefined,
): Promise<SentFile> {
  const stem = stems.find(each => each.stemId === stemId);
  if (stem === undefined) throw errors.notFound('stem');
  const reader = await openRecording(store, keys, { organizationId, sessionId, recordingId });
  const preview = previewOf(reader, stem);
  if (preview === null) throw errors.notFound('stem');
  const named = {
    contentType: 'audio/wav',
    fileName: `${stem.name}-preview.wav`,
    etag: `${stem.stemId}.preview`,
  };
  return { ...named, ...preview };
}

const PROJECT_TYPES: Record<ProjectFormat, string> = {
  rpp: 'text/plain; charset=utf-8',
  lof: 'text/plain; charset=utf-8',
  labels: 'text/plain; charset=utf-8',
  dawproject: 'application/zip',
  fcp7: 'application/xml',
  otio: 'application/json',
  sync: 'application/json',
  report: 'text/html; charset=utf-8',
};

type StoredName = Parameters<typeof storedFile>[2];

/** @returns null where no single stem is meant */
function stemFile(
  { stems }: ReadableRecording,
  { stemId, format }: Record<string, string | undefined>,
): StoredName | null {
  if (stemId === undefined) return null;
  const stem = stems.find(each => each.stemId === stemId);
  const file = stem?.files.find(each => each.format === format);
  if (stem === undefined || file === undefined) throw errors.notFound('stem');
  return { ...file, fileName: `${stem.name}.${file.format}` };
}

function extraFile({ stems, extras }: ReadableRecording, renderId: string): StoredName {
  const extra = extras.find(each => each.renderId === renderId);
  if (extra === undefined) throw errors.notFound('file');
  const { format, objectKey, bytes, stemId } = extra;
  const name = stems.find(each => each.stemId === stemId)?.name ?? '';
  return { format, objectKey, bytes, fileName: `${name}${extraEndings[format]}` };
}

async function readable(context: DownloadsContext, wanted: z.output<typeof ids>): Promise<ReadableRecording> {
  const found = await context.find(wanted.organizationId, wanted.recordingId);
  if (found === null) throw errors.notFound('recording');
  const { organizationId, ...recording } = found;
  const { sessionId, recordingId } = recording;
  const sessionKey = await context.keys.sessionKey({ organizationId, sessionId }, recordingId);
  const extras = recording.extras.flatMap(extra => {
    const { objectKey, bytes } = extra;
    return objectKey === null || bytes === null ? [] : [{ ...extra, objectKey, bytes }];
  });
  return { ...recording, durationMs: recording.durationMs ?? 0, sessionKey, extras };
}

/** Compares hashes, so that neither the length nor the place of the first difference shows in the time it takes. */
function isAuthorized(request: IncomingMessage, secrets: readonly string[]): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const given = hash(request.headers.authorization ?? '');
  return secrets.map(secret => timingSafeEqual(given, hash(`Bearer ${secret}`))).includes(true);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
