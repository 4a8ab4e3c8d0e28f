import { expect } from 'chai';
import { GapFinder, type KnownPause, type MediaSpan } from './gaps.ts';

const S = 1e6;
const span = (fromS: number, toS: number, how: Partial<MediaSpan> = {}): MediaSpan => ({
  fromUs: fromS * S,
  toUs: toS * S,
  sameStream: true,
  clockStood: false,
  packetsMissing: 0,
  packetUs: 20_000,
  ...how,
});

function gaps(spans: MediaSpan[], durationS: number, pauses: KnownPause[] = [], standsStill = false) {
  const finder = new GapFinder(5000, pauses, standsStill);
  for (const each of spans) finder.media(each);
  return finder
    .finish(durationS * S)
    .map(({ startUs, endUs, cause }) => `${startUs / S}–${endUs / S} ${cause}`);
}

const pause = (fromS: number, toS: number, cause: KnownPause['cause']): KnownPause => ({
  fromUs: fromS * S,
  toUs: toS * S,
  cause,
});

describe('the gaps of a stem', () => {
  it('are none where media follows media', () => {
    expect(gaps([span(0, 4), span(4.001, 10)], 10)).to.deep.equal([]);
  });

  it('say that somebody came late, and left', () => {
    expect(gaps([span(3, 7)], 10, [pause(7.3, 10, 'left')])).to.deep.equal(['0–3 late', '7–10 left']);
  });

  it('begin and end with the sound, not with what signaling says of muting', () => {
    expect(gaps([span(0, 4), span(64, 70)], 70, [pause(4.4, 64.3, 'muted')])).to.deep.equal(['4–64 muted']);
  });

  it('tell an outage from the mute that came after it', () => {
    const told = gaps([span(0, 4), span(30, 40, { packetsMissing: 300 })], 40, [pause(10, 29.8, 'muted')]);
    expect(told).to.deep.equal(['4–10 dtx', '10–30 muted'].map(text => text.replace('dtx', 'capture-stall')));
  });

  it('tell lost packets from packets that were never sent', () => {
    const spans = [
      span(0, 1),
      span(1.2, 2, { packetsMissing: 10 }),
      span(2.38, 2.4),
      span(5.4, 6, { packetsMissing: 1 }),
      span(6.3, 7, { clockStood: true }),
    ];
    expect(gaps(spans, 7)).to.deep.equal([
      '1–1.2 network-loss',
      '2–2.38 dtx',
      '2.4–5.4 capture-stall',
      '6–6.3 capture-stall',
    ]);
  });

  it('between two connections are those of somebody who was gone', () => {
    const told = gaps([span(0, 5), span(9, 12, { sameStream: false })], 12, [pause(5.2, 9, 'left')]);
    expect(told).to.deep.equal(['5–9 left']);
  });

  it('keep what the recorder itself is to blame for', () => {
    const told = gaps([span(0, 5), span(8, 12, { packetsMissing: 150 })], 12, [
      pause(5, 8, 'recorder-restarted'),
    ]);
    expect(told).to.deep.equal(['5–8 recorder-restarted']);
  });

  it('are none while a shared screen stands still, but are where it was switched off or lost', () => {
    const spans = [span(0, 1), span(9, 9), span(20, 20), span(30, 30, { packetsMissing: 400 }), span(31, 31)];
    expect(gaps(spans, 60, [pause(12, 20, 'muted'), pause(50, 60, 'left')], true)).to.deep.equal([
      '12–20 muted',
      '20–30 network-loss',
      '50–60 left',
    ]);
  });

  it('cover the whole recording of somebody who joined muted and never spoke', () => {
    expect(gaps([], 10, [pause(0.4, 10, 'muted')])).to.deep.equal(['0–10 muted']);
  });
});
