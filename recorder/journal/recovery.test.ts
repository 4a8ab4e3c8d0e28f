import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@cratersync/infra/runtime';
import type {
  OrganizationId,
  ParticipantId,
  RecordingId,
  SessionId,
  TrackId,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { noise, rtpPacket } from '../../test/support/rtp.ts';
import { decodeRecords, type JournalRecord, openSealed, type StreamInfo } from '../format/index.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { recoverRecording, sortFound } from './recovery.ts';
import { sealLedger } from './sealed-ledger.ts';

const log = createLog('test', 'silent');
const sessionKey = randomBytes(32);
const recordingId = randomUUID() as RecordingId;
const participantId = randomUUID() as ParticipantId;
const startedAt = '2026-01-01T00:00:00.000Z';
const origin = { participantId, source: 'mic', startedAt, holder: 1, position: 0 } as const;
const ids = {
  organizationId: randomUUID() as OrganizationId,
  sessionId: randomUUID() as SessionId,
  recordingId,
};
const stream: StreamInfo = {
  ssrc: 1,
  payloadType: 100,
  mimeType: 'audio/opus',
  clockRateHz: 48_000,
  channels: 2,
  parameters: {},
  clockId: 'worker',
};
const packet = (n: number) =>
  rtpPacket({ ssrc: 1, payloadType: 100, sequence: n, timestamp: n * 960, payload: noise(28 + (n % 7), n) });

/** A recorder's write path for one track, without the network in front of it. */
class Rig {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly writer: ChunkWriter;

  private constructor(
    journal: Journal,
    trackId: TrackId,
    from?: { ledger: Ledger; chain: ChunkWriterChain },
  ) {
    this.journal = journal;
    this.ledger = from?.ledger ?? new Ledger('audio');
    const owner = { ...ids, trackId, sessionKey, epoch: journal.epoch };
    this.writer = new ChunkWriter({
      ...owner,
      origin,
      log: journal.frames,
      chain: from?.chain ?? { nextSequence: 0, previousHash: Buffer.alloc(32) },
      onSealed: chunk => journal.sealed(chunk, sealLedger(owner, this.ledger.snapshot())),
    });
  }

  static async open(directory: string, store: MemoryStore): Promise<Journal> {
    return Journal.open({
      directory,
      store,
      clock: new ManualClock(),
      log,
      maxSegmentBytes: 20_000,
      onStoreStalled: () => {},
    });
  }

  static async begin(directory: string, store: MemoryStore, trackId: TrackId): Promise<Rig> {
    const journal = await Rig.open(directory, store);
    journal.catalogue.append({ type: 'opened', ...ids, startedAtMs: 0, holder: 1 });
    journal.catalogue.append({ type: 'track', recordingId, trackId, participantId, source: 'mic' });
    await journal.commit();
    return new Rig(journal, trackId);
  }

  /** What a restarted recorder does with the directory. */
  static async takeOver(directory: string, store: MemoryStore, trackId: TrackId): Promise<Rig> {
    const journal = await Rig.open(directory, store);
    const row = journal.catalogue.recording(recordingId);
    const found = sortFound(journal).get(recordingId) ?? [];
    const tracks = await recoverRecording(journal, row, found, { sessionKey, log });
    await journal.durable();
    const track = tracks.get(trackId);
    track?.ledger.restarted(0);
    return new Rig(journal, trackId, track);
  }

  /** Packets `from` … `to` − 1, 20 ms apart, a commit after every tenth. */
  async receive(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 1) {
      const atUs = n * 20_000;
      this.writer.writePacket(packet(n), packet(n).length, atUs, stream);
      this.ledger.packet(packet(n).length, atUs);
      if (n % 10 !== 9) continue;
      this.writer.flush(atUs);
      await this.journal.commit();
    }
  }

  /** What a kill leaves: nothing that was not committed. */
  async kill(): Promise<void> {
    await this.journal.uploader.close();
    await this.journal.frames.close();
    await this.journal.catalogue.close();
  }

  /** Everything to the store, and an end. */
  async finish(): Promise<void> {
    this.writer.close();
    await this.journal.durable();
    await this.journal.uploader.drained(recordingId);
    await this.journal.close();
  }
}
type ChunkWriterChain = ConstructorParameters<typeof ChunkWriter>[0]['chain'];

/** Reads the track as the catalogue lists it: every chunk opens, and the chain holds. */
function readBack(rig: Rig, trackId: TrackId, store: MemoryStore): number[] {
  const records: JournalRecord[] = [];
  let previous: Uint8Array = Buffer.alloc(32);
  for (const [i, row] of rig.journal.catalogue.track(recordingId, trackId).chunks.entries()) {
    const name = `${String(row.epoch).padStart(8, '0')}-${String(row.sequence).padStart(8, '0')}`;
    const bytes = store.objects.get(`recordings/${recordingId}/tracks/${trackId}/${name}`) ?? Buffer.alloc(0);
    expect(bytes.length).to.equal(row.bytes);
    const hash = createHash('sha256').update(bytes).digest();
    expect(hash.toString('hex')).to.equal(row.sha256);
    const { header, frames, error } = openSealed(sessionKey, bytes);
    expect(error).to.equal(null);
    expect(header.sequence).to.equal(i);
    expect(Buffer.from(header.previousHash)).to.deep.equal(Buffer.from(previous));
    const inChunk = frames.flatMap(frame => [...decodeRecords(frame)]);
    expect(inChunk[0]).to.deep.include({ type: 'event', event: { kind: 'stream', ...stream } });
    const track = { kind: 'track', ...origin };
    expect(inChunk[1]).to.deep.include({ type: 'event', event: track });
    expect(inChunk.filter(({ type }) => type === 'rtp')).to.have.length(row.packets);
    records.push(...inChunk);
    previous = hash;
  }
  return records.flatMap(record => {
    if (record.type !== 'rtp') return [];
    const n = record.atUs / 20_000;
    expect(Buffer.from(record.packet)).to.deep.equal(packet(n));
    return [n];
  });
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('recovery', () => {
  let root: string;
  let directory: string;
  let trackId: TrackId;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cratersync-recovery-'));
    directory = join(root, 'journal');
    trackId = randomUUID() as TrackId;
  });
  afterEach(() => rm(root, { recursive: true }));

  it('loses nothing that was committed, and goes on with the chain', async () => {
    const store = new MemoryStore();
    const first = await Rig.begin(directory, store, trackId);
    await first.receive(0, 1243);
    await first.kill();
    const second = await Rig.takeOver(directory, store, trackId);
    await second.receive(1500, 2000);
    await second.finish();
    expect(readBack(second, trackId, store)).to.deep.equal([...range(0, 1240), ...range(1500, 2000)]);
    const { gaps, counters } = second.ledger.finish(2000 * 20_000);
    expect(gaps).to.deep.equal([
      { startUs: 1239 * 20_000, endUs: 1500 * 20_000, cause: 'recorder-restarted' },
    ]);
    expect(counters.packetsReceived).to.equal(1740);
    expect(await readdir(join(directory, 'frames'))).to.deep.equal([]);
  });

  it('survives recoveries that are killed themselves, at any step', async () => {
    const store = new MemoryStore();
    const first = await Rig.begin(directory, store, trackId);
    await first.receive(0, 650);
    await first.kill();
    for (let round = 0; round < 3; round += 1) {
      const interrupted = await Rig.takeOver(directory, store, trackId);
      await interrupted.kill();
    }
    const last = await Rig.takeOver(directory, store, trackId);
    await last.finish();
    expect(readBack(last, trackId, store)).to.deep.equal(range(0, 650));
    expect(last.ledger.counters.packetsReceived).to.equal(650);
  });

  it('salvages every whole frame, wherever the tail was torn', async () => {
    const first = await Rig.begin(directory, new MemoryStore(), trackId);
    await first.receive(0, 60);
    await first.kill();
    const [name = ''] = await readdir(join(directory, 'frames'));
    const whole = (await stat(join(directory, 'frames', name))).size;
    for (let length = 0; length <= whole; length += 61) {
      const store = new MemoryStore();
      const copy = join(root, `torn-${length}`);
      await cp(directory, copy, { recursive: true });
      await truncate(join(copy, 'frames', name), length);
      const second = await Rig.takeOver(copy, store, trackId);
      await second.finish();
      const kept = readBack(second, trackId, store);
      expect(kept).to.deep.equal(range(0, kept.length));
      expect(kept.length % 10).to.equal(0);
      // Ten packets of about 43 bytes and their frame: nothing that was whole is missing.
      expect(kept.length, `${length} bytes`).to.be.at.least(10 * Math.floor((length - 700) / 580));
      await rm(copy, { recursive: true });
    }
  });

  it('keeps what the store has not taken, through restarts, and stores each chunk once', async () => {
    const store = new MemoryStore();
    store.beforePut = () => {
      throw new Error('the store is away');
    };
    let rig = await Rig.begin(directory, store, trackId);
    await rig.receive(0, 1600);
    for (let i = 0; i < 2; i += 1) {
      await rig.kill();
      rig = await Rig.takeOver(directory, store, trackId);
    }
    expect(store.objects.size).to.equal(0);
    store.beforePut = (_key, attempt) => {
      if (attempt % 3 === 0) throw new Error('the store fails every third time');
    };
    await rig.finish();
    expect(readBack(rig, trackId, store)).to.deep.equal(range(0, 1600));
    expect(await readdir(join(directory, 'frames'))).to.deep.equal([]);
  });

  it('makes one object of a chunk whose acknowledgement was lost', async () => {
    const store = new MemoryStore();
    const unacknowledged = new Set<string>();
    store.afterPut = key => {
      if (unacknowledged.has(key)) return;
      unacknowledged.add(key);
      throw new Error('connection reset');
    };
    const rig = await Rig.begin(directory, store, trackId);
    await rig.receive(0, 1200);
    await rig.finish();
    expect(store.objects.size).to.equal(3);
    expect(readBack(rig, trackId, store)).to.deep.equal(range(0, 1200));
  });

  it('says so when the disk has lost a chunk', async () => {
    const store = new MemoryStore();
    store.beforePut = () => {
      throw new Error('the store is away');
    };
    const first = await Rig.begin(directory, store, trackId);
    await first.receive(0, 600);
    await first.kill();
    await rm(join(directory, 'frames'), { recursive: true });
    store.beforePut = () => {};
    const second = await Rig.takeOver(directory, store, trackId);
    await second.finish();
    expect(second.journal.catalogue.track(recordingId, trackId).chunks).to.deep.equal([]);
  });

  it('takes an epoch that was never used, though the file that counts them is torn', async () => {
    const store = new MemoryStore();
    const first = await Rig.begin(directory, store, trackId);
    await first.receive(0, 60);
    await first.kill();
    for (const torn of ['', '\0\0', 'x']) {
      await writeFile(join(directory, 'epoch'), torn);
      const next = await Rig.takeOver(directory, store, trackId);
      expect(next.journal.epoch).to.be.greaterThan(1);
      await next.kill();
    }
    const last = await Rig.takeOver(directory, store, trackId);
    await last.finish();
    expect(readBack(last, trackId, store)).to.deep.equal(range(0, 60));
  });

  it('counts an account only once the frames that it speaks of are durable', async () => {
    const rig = await Rig.begin(directory, new MemoryStore(), trackId);
    await rig.receive(0, 15);
    rig.writer.flush(300_000);
    // While these frames are on their way to the disk, more comes, and the track is closed.
    const committing = rig.journal.commit();
    for (let i = 0; i < 6; i += 1) await Promise.resolve();
    await rig.receive(15, 19);
    const owner = { ...ids, trackId, sessionKey, epoch: rig.journal.epoch };
    rig.writer.close();
    rig.journal.accounted(recordingId, trackId, sealLedger(owner, rig.ledger.snapshot()));
    await committing;
    await rig.kill();
    const store = new MemoryStore();
    const second = await Rig.takeOver(directory, store, trackId);
    await second.finish();
    const kept = readBack(second, trackId, store);
    expect(second.ledger.counters.packetsReceived).to.equal(kept.length);
    expect(kept).to.deep.equal(range(0, 15));
  });

  it('leaves no plaintext on the disk', async () => {
    const rig = await Rig.begin(directory, new MemoryStore(), trackId);
    const secret = Buffer.from('what was said in confidence');
    rig.writer.writePacket(secret, secret.length, 0, stream);
    rig.ledger.event({ kind: 'stream', ...stream }, 0);
    rig.writer.flush(1);
    rig.writer.close();
    await rig.journal.commit();
    for (const name of ['catalogue', join('frames', ...(await readdir(join(directory, 'frames'))))]) {
      const bytes = await readFile(join(directory, name));
      for (const word of [secret.toString(), 'opus', 'worker'])
        expect(bytes.includes(word), name).to.equal(false);
    }
    await rig.kill();
  });
});
