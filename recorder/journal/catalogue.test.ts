import { randomUUID } from 'node:crypto';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
import { Catalogue } from './catalogue.ts';
import type { CatalogueEntry } from './catalogue-entries.ts';

const recordingId = randomUUID() as RecordingId;
const trackId = randomUUID() as TrackId;
const opened: CatalogueEntry = {
  type: 'opened',
  organizationId: randomUUID() as OrganizationId,
  sessionId: randomUUID() as SessionId,
  recordingId,
  startedAtMs: 1_700_000_000_000,
  holder: 1,
};
const track: CatalogueEntry = {
  type: 'track',
  recordingId,
  trackId,
  participantId: randomUUID() as ParticipantId,
  source: 'mic',
};
const sealed = (sequence: number): CatalogueEntry => ({
  type: 'sealed',
  recordingId,
  trackId,
  epoch: 1,
  sequence,
  bytes: 1000,
  sha256: 'ab'.repeat(32),
  startUs: sequence * 10,
  endUs: sequence * 10 + 9,
  packets: 5,
  ledger: `ledger ${sequence}`,
});

describe('the catalogue', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-catalogue-'));
    path = join(directory, 'catalogue');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function withEntries(...entries: CatalogueEntry[]): Promise<Catalogue> {
    const catalogue = await Catalogue.open(path, open);
    for (const entry of entries) catalogue.append(entry);
    await catalogue.commit();
    return catalogue;
  }

  it('is the same after a restart, at every step of a recording', async () => {
    const steps: CatalogueEntry[] = [
      opened,
      track,
      sealed(0),
      sealed(1),
      { type: 'stored', recordingId, trackId, epoch: 1, sequence: 1 },
      { type: 'damaged', recordingId, trackId, epoch: 1, sequence: 0 },
      { type: 'ledger', recordingId, trackId, ledger: 'the last' },
      { type: 'closing', recordingId, durationUs: 20 },
      { type: 'manifest', recordingId, merkleRoot: 'cd'.repeat(32), body: 'AAAA' },
      { type: 'finalized', recordingId },
    ];
    for (const step of steps) {
      const catalogue = await withEntries(step);
      await catalogue.close();
      const again = await Catalogue.open(path, open);
      expect(again.recordings, step.type).to.deep.equal(catalogue.recordings);
      await again.close();
    }
    const last = await withEntries({ type: 'finalized', recordingId });
    const row = last.recording(recordingId);
    expect(row).to.include({ durationUs: 20, finalized: true });
    expect(row.tracks.get(trackId)?.ledger).to.equal('the last');
    expect(row.tracks.get(trackId)?.chunks).to.have.length(1);
    last.append({ type: 'forgotten', recordingId });
    expect(last.recordings.size).to.equal(0);
    await last.close();
  });

  it('holds what was committed wherever the tail was torn', async () => {
    const catalogue = await withEntries(opened, track, sealed(0));
    const committed = (await stat(path)).size;
    catalogue.append(sealed(1));
    await catalogue.commit();
    await catalogue.close();
    const bytes = await readFile(path);
    for (let length = committed; length <= bytes.length; length += 1) {
      await writeFile(path, bytes.subarray(0, length));
      const again = await Catalogue.open(path, open);
      const chunks = again.track(recordingId, trackId).chunks.length;
      expect(chunks, `${length} of ${bytes.length} bytes`).to.equal(length === bytes.length ? 2 : 1);
      await again.close();
    }
  });

  it('loses a damaged line in its middle, and no other', async () => {
    const catalogue = await withEntries(opened, track, sealed(0), sealed(1), sealed(2));
    await catalogue.close();
    const lines = (await readFile(path, 'latin1')).split('\n');
    const sequences = async (damaged: number, byte: number) => {
      const bytes = Buffer.from(lines.join('\n'), 'latin1');
      const at = lines.slice(0, damaged).reduce((sum, line) => sum + line.length + 1, 0) + byte;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(path, bytes);
      const again = await Catalogue.open(path, open);
      await again.close();
      const chunks = again.recordings.get(recordingId)?.tracks.get(trackId)?.chunks;
      return chunks?.map(({ sequence }) => sequence) ?? null;
    };
    for (const byte of [0, 9, 60]) {
      expect(await sequences(2, byte), `byte ${byte}`).to.deep.equal([1, 2]);
      expect(await sequences(3, byte), `byte ${byte}`).to.deep.equal([0, 2]);
    }
    // What is said of something that is not here any more has no meaning.
    expect(await sequences(1, 30)).to.equal(null);
    expect(await sequences(0, 30)).to.equal(null);
  });

  it('does not grow with what is history', async () => {
    const catalogue = await withEntries(opened, track);
    for (let i = 0; i < 300; i += 1) {
      catalogue.append({ type: 'ledger', recordingId, trackId, ledger: 'x'.repeat(10_000) });
      await catalogue.commit();
    }
    await catalogue.close();
    expect((await stat(path)).size).to.be.lessThan(1.2e6);
  });

  it('writes itself anew after the disk refused', async () => {
    let full = false;
    const catalogue = await Catalogue.open(path, async (...how) => {
      const file = await open(...how);
      const { write } = file;
      file.write = ((...args: Parameters<typeof write>) => {
        if (full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        return write.apply(file, args);
      }) as typeof write;
      return file;
    });
    catalogue.append(opened);
    await catalogue.commit();
    full = true;
    catalogue.append(track);
    const failed = await catalogue.commit().then(
      () => false,
      () => true,
    );
    expect(failed).to.equal(true);
    full = false;
    await catalogue.commit();
    await catalogue.close();
    const again = await Catalogue.open(path, open);
    expect(again.recording(recordingId).tracks.size).to.equal(1);
    await again.close();
  });
});
