import type { markers } from '@cratersync/db';
import type { RecordingId, SessionId } from '@cratersync/signaling/protocol';
import type { ProjectSource } from '../projects/index.ts';
import { type ExtraRow, readSealed, type StemRow, type StemSync } from '../stems/index.ts';
import type { ObjectStore } from '../store/index.ts';

/** A recording whose key is there, and what can be downloaded of it. */
export interface ReadableRecording {
  recordingId: RecordingId;
  sessionId: SessionId;
  title: string;
  startedAt: Date;
  durationMs: number;
  sessionKey: Uint8Array;
  /** All of them; only whole files are ever among a stem's. */
  stems: StemRow[];
  markers: markers.Marker[];
  /** With a file that is whole. */
  extras: (ExtraRow & { objectKey: string; bytes: number })[];
}

/** What projects and the certificate are made of. */
export async function projectSource(
  store: Pick<ObjectStore, 'get'>,
  { recordingId, title, startedAt, durationMs, sessionKey, stems, markers }: ReadableRecording,
): Promise<ProjectSource> {
  const syncs = new Map<string, StemSync>();
  for (const { stemId, files } of stems) {
    const file = files.find(({ format }) => format === 'sync');
    if (file === undefined) continue;
    const parts: Buffer[] = [];
    for await (const part of readSealed(store, file.objectKey, sessionKey, 0, file.bytes - 1))
      parts.push(part);
    syncs.set(stemId, JSON.parse(Buffer.concat(parts).toString()));
  }
  const [first] = syncs.values();
  const durationUs = first?.durationUs ?? durationMs * 1000;
  return { recording: { title, recordingId, startedAt, durationUs }, rows: stems, syncs, markers };
}
