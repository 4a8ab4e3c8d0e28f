import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errors } from '@cratersync/signaling/protocol';
import { ZipFile } from 'yazl';
import { projectFile, projectFormats, projectNames } from '../projects/index.ts';
import { readSealed } from '../stems/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { projectSource, type ReadableRecording } from './recording-files.ts';
import { unlessLeft } from './send-file.ts';

/** An editor needs one file of each stem: WAV for sound. FLAC holds the same and is downloaded alone. */
const ZIPPED = new Set(['wav', 'mp4', 'webm']);

/** All ready stems as one zip, stored as they are: media does not get smaller. With them all projects, and the certificate. */
export async function sendZip(
  store: Pick<ObjectStore, 'get'>,
  recording: ReadableRecording,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { stems, startedAt, sessionKey } = recording;
  const files = stems.flatMap(({ name, files: all }) =>
    all
      .filter(({ format }) => ZIPPED.has(format))
      .map(file => ({ ...file, fileName: `${name}.${file.format}` })),
  );
  if (files.length === 0) throw errors.notFound('stem');
  const source = await projectSource(store, recording);
  const projects = await Promise.all(
    projectFormats.map(async format => ({
      fileName: projectNames[format],
      bytes: await projectFile(format, source),
    })),
  );
  // From here on nothing is waited for until somebody listens to what breaks: the zip begins to read at once.
  const zip = new ZipFile();
  const broken = Promise.withResolvers<never>();
  zip.on('error', broken.reject);
  let current: Readable | null = null;
  for (const { fileName, objectKey, bytes } of files) {
    zip.addReadStreamLazy(fileName, { size: bytes, compress: false, mtime: startedAt }, open => {
      current = Readable.from(readSealed(store, objectKey, sessionKey, 0, bytes - 1));
      current.on('error', broken.reject);
      open(null, current);
    });
  }
  for (const { fileName, bytes } of projects) {
    // Without compression, as its size has to be known at the start.
    zip.addBuffer(bytes, fileName, { compress: false, mtime: startedAt });
  }
  // Its types forget that it is told the size.
  zip.end(undefined, (size?: number) => void response.setHeader('Content-Length', size ?? 0));
  response.setHeader('Content-Type', 'application/zip');
  response.setHeader('Content-Disposition', 'attachment; filename="stems.zip"');
  response.setHeader('Cache-Control', 'private, no-store');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await unlessLeft(Promise.race([broken.promise, pipeline(zip.outputStream, response)]));
  } finally {
    (current as Readable | null)?.destroy();
  }
}
