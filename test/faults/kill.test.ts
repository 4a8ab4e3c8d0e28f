import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecording, type RecordingReader } from '@cratersync/recorder/reader';
import { verifyRecording } from '@cratersync/recorder/verify';
import { expect } from 'chai';
import { RealRecorder, type Room, type Sending } from './process.ts';
import { forSeeds } from './seeds.ts';
import { COMMITTED_US } from './truth.ts';

const KILLS = 4;

async function readTrack(reader: RecordingReader, { trackId }: Sending) {
  const track = reader.manifest.tracks.find(each => each.trackId === trackId);
  if (track === undefined) throw new Error(`the manifest has no track ${trackId}`);
  const packets: { packet: Buffer; atUs: number }[] = [];
  for await (const record of reader.records(track)) {
    expect(record.type).to.not.equal('damaged');
    if (record.type === 'rtp') packets.push({ packet: Buffer.from(record.packet), atUs: record.atUs });
  }
  return { track, packets };
}

/** What was recorded is what was sent, in order and once, but for what a kill took; gaps say exactly where. */
async function checkRoom(recorder: RealRecorder, room: Room, killsMs: number[]): Promise<void> {
  const { store, keys } = await recorder.openData();
  const { recordingId } = room;
  const report = await verifyRecording({ store, keys, recordingId });
  expect(report).to.include({ result: 'holds' });
  expect(report.faults).to.deep.equal([]);
  const reader = await openRecording(store, keys, room);
  for (const sending of room.sendings) {
    const { track, packets } = await readTrack(reader, sending);
    const lost: number[] = [];
    let next = 0;
    for (const { packet, atMs } of sending.sent)
      if (packets[next]?.packet.equals(packet) === true) next += 1;
      else lost.push(atMs);
    expect(next, 'packets recorded that were never sent, or twice').to.equal(packets.length);
    const early = lost.filter(
      atMs => !killsMs.some(killMs => atMs <= killMs && killMs - atMs <= COMMITTED_US / 1000),
    );
    expect(early, `sent longer before one of ${killsMs} than 250 ms, and lost`).to.deep.equal([]);
    const restarts = track.gaps.filter(({ cause }) => cause === 'recorder-restarted');
    expect(restarts).to.have.length(killsMs.length);
    for (const { startUs, endUs } of restarts) {
      const after = packets.findIndex(({ atUs }) => atUs >= endUs);
      const before = packets[after - 1];
      expect(startUs - (before?.atUs ?? 0), 'gap after its last packet').to.be.within(0, 20_000);
      expect((packets[after]?.atUs ?? 0) - endUs, 'gap before its first packet').to.be.within(0, 20_000);
    }
  }
  await store.close();
}

async function checkNoPlaintext(recorder: RealRecorder, rooms: Room[]): Promise<void> {
  const said = rooms.flatMap(({ sendings }) => sendings.flatMap(({ sent }) => sent.slice(0, 2)));
  for (const entry of await readdir(recorder.directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    for (const { packet } of said)
      expect(bytes.includes(packet.subarray(20, 44)), entry.name).to.equal(false);
  }
}

describe('a real recorder process', () => {
  it('that is killed again and again with three recordings at once, loses at most 250 ms each time', async () => {
    await forSeeds(5, async random => {
      const recorder = await RealRecorder.start();
      try {
        const rooms = [
          await recorder.open('mic', 'camera'),
          await recorder.open('mic'),
          await recorder.open('mic'),
        ];
        const killsMs: number[] = [];
        for (let kills = 0; kills < KILLS; kills += 1) {
          await recorder.send(random.int(450, 1300), ...rooms);
          killsMs.push(performance.now());
          await recorder.end('SIGKILL');
          await recorder.launch();
          for (const room of rooms)
            for (const sending of room.sendings) await recorder.connect(room, sending);
        }
        await recorder.send(500, ...rooms);
        for (const { recordingId } of rooms) await recorder.signaling.ask('recording.close', { recordingId });
        for (const _ of rooms) await recorder.signaling.report('recording.finalized');
        for (const room of rooms) await checkRoom(recorder, room, killsMs);
        await checkNoPlaintext(recorder, rooms);
      } finally {
        await recorder.close();
      }
    });
  }).timeout(1_200_000);

  it('that is told to stop, first takes what has reached its ports, and loses nothing', async () => {
    const recorder = await RealRecorder.start();
    try {
      const room = await recorder.open('mic', 'camera');
      await recorder.send(700, room);
      // It sleeps while more arrives, and finds the order to stop together with that.
      recorder.signal('SIGSTOP');
      await recorder.send(1000, room);
      recorder.signal('SIGTERM');
      const ended = recorder.end('SIGCONT');
      const { recordingId } = await recorder.signaling.report('recording.finalized');
      expect(recordingId).to.equal(room.recordingId);
      expect(await ended).to.equal(0);
      await checkRoom(recorder, room, []);
    } finally {
      await recorder.close();
    }
  });
});
