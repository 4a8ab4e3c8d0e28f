import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Rig, type Session } from './rig.ts';
import { forSeeds, Random } from './seeds.ts';

/** Where an entry of the media log begins, and its head (recorder/journal/frame-log.ts). */
interface Entry {
  path: string;
  at: number;
  bytes: number;
  index: number;
}

describe('a recorder whose disk gives back other bytes than it was given', () => {
  let rig: Rig;
  let session: Session;

  async function record(): Promise<void> {
    rig = await Rig.start({ journal: { maxSegmentBytes: 200_000 } });
    session = await rig.open();
    rig.store.beforePut = key => {
      if (key.includes('/tracks/')) throw new Error('the store is away');
    };
    await rig.join(session, 'mic');
    await rig.join(session, 'mic');
    await rig.pass(13_000);
  }

  /** What the dead recorder left in its log, oldest first. */
  async function entries(): Promise<Entry[]> {
    const found: Entry[] = [];
    for (const name of (await readdir(join(rig.directory, 'frames'))).sort()) {
      const path = join(rig.directory, 'frames', name);
      const log = await readFile(path);
      for (let at = 0; at + 16 <= log.length; ) {
        const bytes = log.readUInt32BE(at);
        if (at + 16 + bytes <= log.length) found.push({ path, at, bytes, index: log.readUInt32BE(at + 12) });
        at += 16 + bytes;
      }
    }
    return found;
  }

  async function flip(path: string, at: number): Promise<void> {
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await writeFile(path, bytes);
  }

  /** Starts it again and records some more. @returns of each track how long is missing, by cause */
  async function goOn(): Promise<Record<string, number>[]> {
    rig.clock.advance(500);
    await rig.launch();
    await rig.reopen();
    rig.store.beforePut = () => {};
    await rig.pass(2000);
    await rig.finish(session);
    const { manifest } = await rig.check(session);
    expect(await rig.leftovers()).to.deep.equal([]);
    return manifest.tracks.map(({ gaps }) => {
      const missing: Record<string, number> = {};
      for (const { cause, startUs, endUs } of gaps) missing[cause] = (missing[cause] ?? 0) + endUs - startUs;
      return missing;
    });
  }

  /** Any one of them may be the one that is damaged. */
  function mayBeDamaged(): void {
    for (const { truth } of session.people) truth.mayBeDamaged = true;
  }

  it('has a gap where one frame of an open chunk was, and everything else', async () => {
    await forSeeds(
      2,
      async random => {
        await record();
        try {
          await rig.crash(new Random(5));
          mayBeDamaged();
          // The second chunks are open: they began at 10 s.
          const all = await entries();
          const { path, at, bytes } = random.pick(all.slice(-24, -6) as [Entry, ...Entry[]]);
          await flip(path, at + random.int(0, 15 + bytes));
          const missing = await goOn();
          const damaged = missing.map(gaps => gaps['recorder-damaged'] ?? 0);
          expect(Math.max(...damaged)).to.be.within(150_000, 600_000);
          expect(Math.min(...damaged)).to.equal(0);
        } finally {
          await rig.end();
        }
      },
      1,
    );
  }).timeout(1_200_000);

  it('has a gap where a chunk was that waited for the store, and everything else', async () => {
    await forSeeds(
      2,
      async random => {
        await record();
        try {
          await rig.crash(new Random(5));
          mayBeDamaged();
          const all = await entries();
          const { path, at, bytes } = random.pick(all.slice(4, 60) as [Entry, ...Entry[]]);
          await flip(path, at + random.int(0, 15 + bytes));
          const missing = await goOn();
          const damaged = missing.map(gaps => gaps['recorder-damaged'] ?? 0);
          expect(Math.max(...damaged)).to.be.within(9_000_000, 10_500_000);
          expect(Math.min(...damaged)).to.equal(0);
        } finally {
          await rig.end();
        }
      },
      1,
    );
  }).timeout(1_200_000);

  it('has gaps where the end of its log was, and everything else', async () => {
    await record();
    try {
      await rig.crash(new Random(5));
      mayBeDamaged();
      const all = await entries();
      const last = all.at(-1);
      const cut = all.at(-9);
      if (last === undefined || cut?.path !== last.path) throw new Error('the last segment is too short');
      await writeFile(cut.path, (await readFile(cut.path)).subarray(0, cut.at + 20));
      for (const gaps of await goOn()) expect(gaps['recorder-restarted']).to.be.within(1_000_000, 2_200_000);
    } finally {
      await rig.end();
    }
  }).timeout(60_000);

  it('loses one line of its catalogue, and nothing that was recorded', async () => {
    await record();
    try {
      await rig.crash(new Random(5));
      const path = join(rig.directory, 'catalogue');
      const text = await readFile(path, 'latin1');
      await flip(path, text.indexOf('"sealed"') + 3);
      const missing = await goOn();
      for (const gaps of missing) expect(gaps['recorder-damaged'] ?? 0).to.equal(0);
    } finally {
      await rig.end();
    }
  }).timeout(60_000);
});
