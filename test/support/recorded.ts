import { buffer } from 'node:stream/consumers';
import {
  decodeManifest,
  decodeRecords,
  type JournalRecord,
  type Manifest,
  objectKeys,
  openSealed,
} from '@cratersync/recorder/format';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import type { OrganizationId, RecordingId, SessionId, TrackId } from '@cratersync/signaling/protocol';

export interface RecordingIds {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

/** A finished recording of a recorder with this DATA_DIR: its manifest, and all records by track. */
export async function readRecorded(
  dataDir: string,
  ids: RecordingIds,
): Promise<{ manifest: Manifest; records: Map<TrackId, JournalRecord[]> }> {
  const store = await openStore({ DATA_DIR: dataDir });
  const keys = await openKeys({ DATA_DIR: dataDir });
  const sessionKey = await keys.sessionKey(ids, ids.recordingId);
  const open = async (key: string): Promise<Buffer[]> => {
    const { frames, error } = openSealed(sessionKey, await buffer(await store.get(key)));
    if (error !== null) throw new Error(`${key}: ${error}`);
    return frames;
  };
  const manifest = decodeManifest(Buffer.concat(await open(objectKeys.manifest(ids.recordingId))));
  const records = new Map<TrackId, JournalRecord[]>();
  for (const { trackId, chunks } of manifest.tracks) {
    const found: JournalRecord[] = [];
    for (const { key } of chunks) for (const frame of await open(key)) found.push(...decodeRecords(frame));
    records.set(trackId, found);
  }
  await store.close();
  return { manifest, records };
}
