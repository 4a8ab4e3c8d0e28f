import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  OrganizationId,
  ParticipantId,
  RecordingId,
  SessionId,
  TrackId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { decodeRecords, type JournalRecord, openSealed, type StreamInfo } from '../format/index.ts';
import { ChunkWriter, type SealedChunk } from './chunk-writer.ts';
import { FrameLog } from './frame-log.ts';
import { readEntries } from './read-entries.ts';

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const stream: StreamInfo = {
  ssrc: 1,
  payloadType: 101,
  mimeType: 'video/VP8',
  clockRateHz: 90_000,
  channels: 1,
  parameters: {},
  clockId: 'worker-1',
};
const origin = {
  participantId: id(5) as ParticipantId,
  source: 'mic',
  startedAt: '2026-01-01T00:00:00.000Z',
  holder: 1,
  position: 0,
} as const;
const report = {
  type: 'sender-report',
  atUs: 2,
  ssrc: 1,
  ntpUs: 3,
  rtpTimestamp: 4,
  packetCount: 5,
} as const;

describe('the chunk writer', () => {
  it('takes a Sender Report however full the frame is, also when that has to grow for it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cratersync-chunks-'));
    const log = new FrameLog({ directory, epoch: 1, maxSegmentBytes: 1 << 20, openFile: open });
    const sessionKey = randomBytes(32);
    try {
      // Around 8 KiB, with which a frame begins, and around twice that.
      for (const full of [8 << 10, 16 << 10]) {
        for (let packetBytes = full - 400; packetBytes <= full; packetBytes += 7) {
          const sealed: SealedChunk[] = [];
          const writer = new ChunkWriter({
            organizationId: id(1) as OrganizationId,
            sessionId: id(2) as SessionId,
            recordingId: id(3) as RecordingId,
            trackId: id(4) as TrackId,
            origin,
            sessionKey,
            epoch: 1,
            log,
            chain: { nextSequence: 0, previousHash: Buffer.alloc(32) },
            onSealed: chunk => sealed.push(chunk),
          });
          const packet = randomBytes(packetBytes);
          writer.writePacket(packet, packet.length, 1, stream);
          writer.write(report, stream);
          writer.close();
          await log.commit();
          expect(recordsOf(sessionKey, await readEntries(sealed[0]?.entries ?? []))).to.deep.equal([
            { type: 'rtp', atUs: 1, packet },
            report,
          ]);
        }
      }
    } finally {
      await log.close();
      await rm(directory, { recursive: true });
    }
  });
});

/** Without the first two, which say what the stream is, and whose. */
function recordsOf(sessionKey: Buffer, chunk: Buffer): JournalRecord[] {
  const records = openSealed(sessionKey, chunk).frames.flatMap(frame => [...decodeRecords(frame)]);
  return records.slice(2).map(record => ({
    ...record,
    ...(record.type === 'rtp' ? { packet: Buffer.from(record.packet) } : {}),
  }));
}
