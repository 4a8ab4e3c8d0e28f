import { openRecording, type RecordingReader } from '@cratersync/recorder/reader';
import { verifyRecording } from '@cratersync/recorder/verify';
import { expect } from 'chai';
import { checkNoPlaintext } from './plaintext.ts';
import type { RealRecorder, Room, Sending } from './real-recorder.ts';
import { checkStems } from './stems.ts';

const EXACT_US = 20_000;
/** What the recorder promises: received this long ago is on disk. */
const COMMITTED_US = 250_000;

/**
 * What must hold after any fault of a real recorder: what was recorded is what was sent, in order and once, but for what
 * a kill took; gaps say exactly where; no disk has seen plaintext; the stems line up.
 * @param killsMs when nothing more could be written, by the test's own clock; each was followed by one restart
 */
export async function checkRoom(recorder: RealRecorder, room: Room, killsMs: number[] = []): Promise<void> {
  const { store, keys } = await recorder.openData();
  const { recordingId, sendings } = room;
  const report = await verifyRecording({ store, keys, recordingId });
  expect(report.faults).to.deep.equal([]);
  expect(report).to.include({ result: 'holds' });
  const reader = await openRecording(store, keys, room);
  for (const sending of sendings) await checkTrack(reader, sending, killsMs);
  const said = sendings.map(({ sent }) => sent.map(({ packet }) => packet));
  await checkNoPlaintext(recorder.directory, said);
  const dueUs = new Map(
    sendings.flatMap(({ sent }) => sent.map(each => [each.packet.toString('latin1'), each.dueUs])),
  );
  await checkStems(
    reader,
    (_track, packet) => dueUs.get(Buffer.from(packet).toString('latin1')) ?? Number.NaN,
  );
  await store.close();
}

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

async function checkTrack(reader: RecordingReader, sending: Sending, killsMs: number[]): Promise<void> {
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
    expect(startUs - (before?.atUs ?? 0), 'gap after its last packet').to.be.within(0, EXACT_US);
    expect((packets[after]?.atUs ?? 0) - endUs, 'gap before its first packet').to.be.within(0, EXACT_US);
  }
}
