import type { exports } from '@cratersync/db';
import type { SentFile } from '../downloads/send-file.ts';
import type { ObjectStore } from '../store/index.ts';
import { exportKeys, PART_BYTES, turnOf } from './parts.ts';

/** An export as one file, of which any part can be read. It is encrypted, so no key is needed. @returns null while it is not ready */
export function exportFile(store: Pick<ObjectStore, 'get'>, row: exports.Export): SentFile | null {
  const { exportId, state, head, bytes, beganAt, orderedAt } = row;
  if (state !== 'ready' || head === null) return null;
  return {
    contentType: 'application/octet-stream',
    bytes,
    fileName: `cratersync-${orderedAt.toISOString().slice(0, 10)}.tar.age`,
    etag: exportId,
    async *read(start, end) {
      if (start < head.length) yield head.subarray(start, end + 1);
      // Behind the head, all parts but the last one are of the same size.
      const [from, to] = [Math.max(0, start - head.length), end - head.length];
      for (let part = Math.floor(from / PART_BYTES); part * PART_BYTES <= to; part += 1) {
        const partStart = part * PART_BYTES;
        const range = { start: Math.max(0, from - partStart), end: Math.min(PART_BYTES - 1, to - partStart) };
        const key = exportKeys.part(exportId, part, turnOf(beganAt, part));
        yield* (await store.get(key, range)) as AsyncIterable<Buffer>;
      }
    },
  };
}
