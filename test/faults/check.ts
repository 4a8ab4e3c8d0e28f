import type { Gap, ManifestTrack } from '@cratersync/recorder/format';
import type { KeyContext, Keys } from '@cratersync/recorder/keys';
import { openRecording, type RecordingReader } from '@cratersync/recorder/reader';
import type { ObjectStore } from '@cratersync/recorder/store';
import { verifyRecording } from '@cratersync/recorder/verify';
import type { RecordingId, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { checkNoPlaintext } from '../support/plaintext.ts';
import type { Truth } from './truth.ts';

const TOLERANCE_US = 20_000;
const STEP_US = 10_000;
/** What is told of where a disk lost something: in the middle, or at its end when the recorder died. */
const DAMAGE: ReadonlySet<Gap['cause']> = new Set(['recorder-damaged', 'recorder-restarted']);

export interface Checked {
  store: ObjectStore;
  keys: Keys;
  context: KeyContext & { recordingId: RecordingId };
  truths: Map<TrackId, Truth>;
  /** How far arrival may lie behind sending; with a clock of our own, not at all. */
  latencyUs?: number;
  /** Searched for what was said. */
  directories: string[];
}

/**
 * What must hold after any fault: everything in the store decrypts and is what the manifest says; each track holds what
 * was sent, once, in order, as it was; what it does not hold lies in gaps, each with its true cause; no disk has seen
 * plaintext.
 * @returns the recording, for what else a test wants of it
 */
export async function checkRecording(checked: Checked): Promise<RecordingReader> {
  const { store, keys, context, truths } = checked;
  const { recordingId } = context;
  const report = await verifyRecording({ store, keys, recordingId });
  expect(report.faults, 'faults that verify finds').to.deep.equal([]);
  expect(report.result).to.equal('holds');
  const reader = await openRecording(store, keys, context);
  const recorded = reader.manifest.tracks.map(({ trackId }) => trackId);
  expect(recorded).to.have.members([...truths.keys()]);
  for (const track of reader.manifest.tracks) {
    const truth = truths.get(track.trackId);
    if (truth === undefined) continue;
    await checkPackets(reader, track, truth, checked.latencyUs ?? TOLERANCE_US);
    checkGaps(track, truth, reader.manifest.durationUs, checked.latencyUs ?? 0);
  }
  const said = Array.from(truths.values(), ({ sent }) => sent.map(({ packet }) => packet));
  for (const directory of checked.directories) await checkNoPlaintext(directory, said);
  return reader;
}

async function checkPackets(
  reader: RecordingReader,
  track: ManifestTrack,
  truth: Truth,
  latencyUs: number,
): Promise<void> {
  const { sent } = truth;
  let next = 0;
  let received = 0;
  const missing: number[] = [];
  for await (const record of reader.records(track)) {
    expect(record.type).to.not.equal('damaged');
    if (record.type !== 'rtp') continue;
    received += 1;
    const from = next;
    while (next < sent.length && sent[next]?.packet.equals(record.packet) !== true) next += 1;
    const match = sent[next];
    if (match === undefined)
      throw new Error(`packet ${received} at ${record.atUs} µs was never sent, or stands there twice`);
    for (let i = from; i < next; i += 1) missing.push(sent[i]?.atUs ?? 0);
    next += 1;
    expect(record.atUs - match.atUs, 'arrival after sending').to.be.within(-TOLERANCE_US, latencyUs);
  }
  for (const { atUs } of sent.slice(next)) missing.push(atUs);
  const { packetsReceived } = track.counters;
  if (truth.mayBeDamaged)
    expect(packetsReceived, 'packets that the manifest counts').to.be.at.least(received);
  else expect(packetsReceived, 'packets that the manifest counts').to.equal(received);
  const coveredBy = (gaps: Gap[], atUs: number) =>
    gaps.some(
      ({ startUs, endUs }) => startUs - TOLERANCE_US <= atUs && atUs - latencyUs <= endUs + TOLERANCE_US,
    );
  const told = JSON.stringify({ gaps: track.gaps, outages: truth.outages });
  const unexplained = missing.filter(atUs => !coveredBy(track.gaps, atUs));
  expect(unexplained, `packets lost without a gap: ${told}`).to.deep.equal([]);
  const damage = truth.mayBeDamaged ? track.gaps.filter(({ cause }) => DAMAGE.has(cause)) : [];
  const unexpected = missing.filter(atUs => !truth.mayBeLost(atUs, latencyUs) && !coveredBy(damage, atUs));
  expect(unexpected, `packets lost that had been received for 250 ms: ${told}`).to.deep.equal([]);
}

/** Every 10 ms: where the truth is the same for 20 ms around, the manifest must agree. */
function checkGaps(
  { gaps, source }: ManifestTrack,
  truth: Truth,
  durationUs: number,
  latencyUs: number,
): void {
  const told = () =>
    JSON.stringify({ source, durationUs, gaps, states: truth.states, outages: truth.outages });
  for (let atUs = 0; atUs < durationUs; atUs += STEP_US) {
    const around = new Set<Gap['cause'] | null>();
    for (let at = atUs - TOLERANCE_US - latencyUs; at <= atUs + TOLERANCE_US; at += STEP_US)
      for (const cause of truth.causesAt(Math.max(0, at))) around.add(cause);
    const causes = gaps
      .filter(({ startUs, endUs }) => startUs <= atUs && atUs < endUs)
      .map(({ cause }) => cause);
    if (causes.length === 0 && !around.has(null))
      throw new Error(`no gap at ${atUs} µs, where it is ${[...around].join(' or ')}: ${told()}`);
    for (const cause of causes.filter(each => !truth.mayBeDamaged || !DAMAGE.has(each)))
      if (!around.has(cause)) throw new Error(`a gap says ${cause} at ${atUs} µs, which is wrong: ${told()}`);
  }
}
