import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { rest } from '../protocol.ts';
import { describeProgress, refreshAfterMs } from './recording-progress.ts';

const stem = (state: rest.Stem['state'], progress = 0) => ({
  stemId: randomUUID(),
  name: '01-ada-mic',
  participantName: 'Ada',
  source: 'mic',
  state,
  progress,
  durationMs: 1_000,
  note: null,
  files: [],
  previewUrl: null,
  peaksUrl: null,
  thumbsUrl: null,
});
const recording = (
  state: rest.RecordingDetail['state'],
  stems: unknown[] = [],
  renders: unknown[] = [],
): rest.RecordingDetail =>
  rest.recordingDetail.parse({
    recordingId: randomUUID(),
    sessionId: randomUUID(),
    sessionTitle: 'Talk',
    state,
    startedAt: new Date(0).toISOString(),
    durationMs: null,
    reason: null,
    stems,
    renders,
    markers: [],
    projects: [],
    zipUrl: null,
    keeping: { until: null, isByPlan: false, hold: null },
  });

/** Links to files end: a page that stays open gets new ones. */
const HOUR_MS = 3_600_000;

describe('progress of a recording', () => {
  it('looks again until every file is ready or failed', () => {
    expect(refreshAfterMs(recording('finalizing'))).to.equal(1_500);
    expect(refreshAfterMs(recording('complete', [stem('ready'), stem('rendering')]))).to.equal(1_500);
    expect(refreshAfterMs(recording('complete', [stem('ready'), stem('failed')]))).to.equal(HOUR_MS);
  });

  it('looks again while something that was ordered is being made', () => {
    const order = {
      renderId: randomUUID(),
      stemId: null,
      format: 'mix',
      progress: 0,
      note: null,
      bytes: null,
      url: null,
    };
    const done = [stem('ready')];
    expect(refreshAfterMs(recording('complete', done, [{ ...order, state: 'rendering' }]))).to.equal(1_500);
    expect(refreshAfterMs(recording('complete', done, [{ ...order, state: 'cancelled' }]))).to.equal(HOUR_MS);
  });

  it('looks seldom at an incomplete one, which may still be completed', () => {
    expect(refreshAfterMs(recording('incomplete'))).to.equal(10_000);
  });

  it('counts half-made files', () => {
    const { fraction } = describeProgress(recording('complete', [stem('ready'), stem('rendering', 0.5)]));
    expect(fraction).to.equal(0.75);
  });

  it('says when files could not be made', () => {
    const { text } = describeProgress(recording('complete', [stem('ready'), stem('failed')]));
    expect(text).to.match(/^1 of 2 files could not be made/);
  });
});
