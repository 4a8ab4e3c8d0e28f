import { ReceiveWindow } from '../capture/receive-window.ts';
import { sequenceOf, timestampOf } from '../capture/rtp.ts';
import { decodeRecords, type JournalRecord } from '../format/index.ts';
import { type Ledger, QUIET_US } from './ledger.ts';

type Told = Extract<JournalRecord, { type: 'event' }>;

/**
 * What a recorder knew to be missing when it died, and was still waiting for: nobody will send that again. Told by the
 * numbers of the packets that it had written; what it had told itself is left out.
 * @param plaintexts the frames of the last chunk
 * @param ledger knows what the stream is, if the chunk does not say so
 */
export function openHoles(plaintexts: readonly Buffer[], ledger: Ledger): Told[] {
  let stream = ledger.lastStream;
  let window: ReceiveWindow | null = null;
  let lastUs = 0;
  const known: { fromUs: number; toUs: number }[] = [];
  for (const record of plaintexts.flatMap(plaintext => [...decodeRecords(plaintext)])) {
    lastUs = Math.max(lastUs, record.atUs);
    if (record.type === 'rtp' && stream !== null) {
      const { clockRateHz, mimeType } = stream;
      const quietUs = QUIET_US[mimeType.startsWith('audio') ? 'audio' : 'video'];
      window ??= new ReceiveWindow({ clockRateHz, quietUs });
      const packet = Buffer.from(record.packet);
      window.accept(sequenceOf(packet), timestampOf(packet), record.atUs);
    } else if (record.type === 'event') {
      if (record.event.kind === 'stream') stream = record.event;
      if (record.event.kind === 'lost' || record.event.kind === 'damaged') known.push(record.event);
    }
  }
  const holes = window?.end() ?? [];
  return holes.flatMap(({ packets, fromUs, toUs }) => {
    if (packets === 0 || known.some(each => each.fromUs < toUs && fromUs < each.toUs)) return [];
    return [{ type: 'event', atUs: lastUs, event: { kind: 'lost', packets, fromUs, toUs } }];
  });
}
