import { expect } from 'chai';
import { StreamObserver } from './observe.ts';
import { fitClocks, fitTimeline, type Timeline } from './timeline.ts';
import { sequenceUnwrapper } from './unwrap.ts';

/** A fixed sequence of numbers in 0..1 (mulberry32): tests must not depend on luck. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Sender {
  startS: number;
  endS: number;
  skewPpm: number;
  delayMs: number;
  jitterMs: number;
  /** Timestamp of the first packet */
  firstTimestamp: number;
  /** Without: no Sender Reports at all. `biasMs` is added to those of the first `biasS` seconds. */
  reports: { scatterMs: number; biasMs: number; biasS: number } | null;
  sfuOffsetUs: number;
  seed: number;
}

const sender: Sender = {
  startS: 1,
  endS: 60,
  skewPpm: 0,
  delayMs: 40,
  jitterMs: 10,
  firstTimestamp: 4_294_900_000,
  reports: { scatterMs: 2, biasMs: 0, biasS: 0 },
  sfuOffsetUs: 3_960_000_000_000_000,
  seed: 1,
};
const RATE = 48_000;

/** Packets every 20 ms and a report every second, as the recorder sees them. */
function observe(options: Partial<Sender>): { stream: StreamObserver; sender: Sender } {
  const s = { ...sender, ...options };
  const random = noise(s.seed);
  const stream = new StreamObserver({ clockId: `sfu ${s.sfuOffsetUs}`, clockRateHz: RATE });
  let nextReportS = s.startS + 0.7;
  for (let index = 0; s.startS + index * 0.02 < s.endS; index += 1) {
    const capturedS = s.startS + (index * 0.02) / (1 + s.skewPpm / 1e6);
    const arrivedUs = Math.round(capturedS * 1e6 + 20_000 + (s.delayMs + random() * s.jitterMs) * 1000);
    stream.packet(arrivedUs, (65_000 + index) % 65_536, (s.firstTimestamp + index * 960) % 2 ** 32);
    if (s.reports === null || capturedS < nextReportS) continue;
    const early = capturedS < s.startS + s.reports.biasS;
    const errorS = ((random() - 0.5) * 2 * s.reports.scatterMs + (early ? s.reports.biasMs : 0)) / 1000;
    const elapsed = (capturedS - s.startS - errorS) * RATE * (1 + s.skewPpm / 1e6);
    const timestamp = Math.round(s.firstTimestamp + elapsed) % 2 ** 32;
    stream.report(
      Math.round(capturedS * 1e6 + 200 + random() * 300),
      Math.round(capturedS * 1e6) + s.sfuOffsetUs,
      timestamp,
    );
    nextReportS += 1;
  }
  return { stream, sender: s };
}

/** The largest error in ms against the truth, over the whole stream. */
function worstErrorMs(timeline: Timeline, s: Sender): number {
  let worst = 0;
  for (let elapsedS = 0; elapsedS <= s.endS - s.startS; elapsedS += 1) {
    const timestamp = s.firstTimestamp + elapsedS * RATE * (1 + s.skewPpm / 1e6);
    const truthUs = (s.startS + elapsedS) * 1e6;
    const sequence = 65_000 + elapsedS * 50;
    worst = Math.max(worst, Math.abs(timeline.sessionUs(sequence, timestamp) - truthUs) / 1000);
  }
  return worst;
}

const fit = (observed: { stream: StreamObserver; sender: Sender }) => {
  const timeline = fitTimeline(observed.stream, fitClocks([observed.stream]), 'audio');
  return { timeline, worstMs: worstErrorMs(timeline, observed.sender), segment: timeline.segments[0] };
};

/**
 * A sender whose packets and reports wait up to 200 ms in a queue, mostly little, and an SFU that works as mediasoup does
 * (RemoteClockOffsetEstimator): half of the round trip is taken off each report, and the median of seven counts. The round
 * trip is that of the report before, with its queue. @returns how late the stream is laid, ms
 */
function jittering(seed: number, seconds: number): number {
  const random = noise(seed);
  const delayMs = 20;
  const queueMs = () => 200 * random() ** 4;
  const offsets: { fromMs: number; offMs: number }[] = [];
  const samples: number[] = [];
  let roundTripMs = 0;
  for (let atMs = 300; atMs < seconds * 1000; atMs += 1000) {
    const wayMs = delayMs + queueMs();
    samples.push(wayMs - roundTripMs / 2);
    roundTripMs = wayMs + delayMs;
    const window = samples.slice(-7).sort((a, b) => a - b);
    if (window.length >= 3) offsets.push({ fromMs: atMs + wayMs, offMs: window[window.length >> 1] ?? 0 });
  }
  const packets = Array.from({ length: seconds * 50 }, (_, index) => ({
    index,
    atMs: index * 20 + 20 + delayMs + queueMs(),
  })).sort((a, b) => a.atMs - b.atMs);
  const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
  let newest = 0;
  let nextMs = 1000;
  for (const { index, atMs } of packets) {
    stream.packet(atMs * 1000, index % 65_536, index * 960);
    newest = Math.max(newest, index);
    if (atMs < nextMs) continue;
    nextMs += 1000;
    const offMs = offsets.findLast(({ fromMs }) => fromMs <= atMs)?.offMs;
    const capturedMs = newest * 20 + (offMs ?? atMs - newest * 20);
    stream.report(atMs * 1000, atMs * 1000, newest * 960 + Math.round((atMs - capturedMs) * 48));
  }
  const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
  const middle = Math.round(seconds * 25);
  return timeline.sessionUs(middle, middle * 960) / 1000 - middle * 20;
}

describe('timeline', () => {
  for (const skewPpm of [-500, -100, 0, 100, 500]) {
    it(`places a stream with a skew of ${skewPpm} ppm within 2 ms, and tells the skew`, () => {
      const { worstMs, segment } = fit(observe({ skewPpm }));
      expect(worstMs).to.be.below(2);
      expect(segment?.skewPpm).to.be.closeTo(skewPpm, 20);
      expect(segment?.basis).to.equal('sender-reports');
    });
  }

  it('lines up a near and a far sender', () => {
    const near = observe({ delayMs: 20, skewPpm: 300, seed: 2 });
    const far = observe({ delayMs: 300, jitterMs: 200, skewPpm: -500, firstTimestamp: 5, seed: 3 });
    const clocks = fitClocks([near.stream, far.stream]);
    for (const { stream, sender: s } of [near, far]) {
      expect(worstErrorMs(fitTimeline(stream, clocks, 'audio'), s)).to.be.below(2);
    }
  });

  it('is not led astray by early reports that took the arrival for the capture', () => {
    const { worstMs } = fit(observe({ reports: { scatterMs: 1, biasMs: 250, biasS: 6 } }));
    expect(worstMs).to.be.below(2);
  });

  it('rejects single reports that are far off', () => {
    const observed = observe({});
    for (const [index, report] of observed.stream.reports.entries())
      if (index % 7 === 3) report.mediaUs += 400_000;
    const { worstMs, segment } = fit(observed);
    expect(worstMs).to.be.below(2);
    expect(segment?.reportsRejected).to.be.above(6);
  });

  it('holds a sender with 200 ms of jitter to 5 ms over ten minutes, and mostly over less than one', () => {
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const seed of seeds) expect(Math.abs(jittering(seed, 600)), `seed ${seed}`).to.be.below(5);
    const short = seeds.map(seed => Math.abs(jittering(seed, 44)));
    expect(short.filter(lateMs => lateMs < 5).length).to.be.at.least(18);
    expect(Math.max(...short)).to.be.below(20);
  });

  it('falls back to arrival times without reports: within the fastest packets’ delay', () => {
    const { worstMs, segment } = fit(observe({ reports: null, delayMs: 5, skewPpm: 200, endS: 120 }));
    expect(worstMs).to.be.below(8);
    expect(segment?.basis).to.equal('arrival');
    expect(segment?.skewPpm).to.be.closeTo(200, 20);
  });

  it('does not believe reports that have nothing to do with the packets', () => {
    const observed = observe({ delayMs: 5 });
    for (const report of observed.stream.reports) report.mediaUs += 3_600e6;
    const { worstMs, segment } = fit(observed);
    expect(segment?.basis).to.equal('arrival');
    expect(worstMs).to.be.below(8);
  });

  it('places a short stream with two reports by the earlier of them', () => {
    const { worstMs } = fit(observe({ endS: 3.5, reports: { scatterMs: 1, biasMs: 60, biasS: 1.5 } }));
    expect(worstMs).to.be.below(3);
  });

  it('starts a new segment where the media clock stood still during a pause', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    for (let index = 0; index < 1000; index += 1) {
      // After packet 500 nothing is captured for 10 s, and the timestamps go on as if nothing had happened.
      const capturedS = index * 0.02 + (index >= 500 ? 10 : 0);
      stream.packet(Math.round(capturedS * 1e6 + 30_000), index, index * 960);
      if (index % 50 === 49) stream.report(capturedS * 1e6, capturedS * 1e6, index * 960);
    }
    const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
    expect(timeline.segments).to.have.length(2);
    expect(timeline.segmentOf(499)).to.not.equal(timeline.segmentOf(500));
    expect(timeline.sessionUs(400, 400 * 960) / 1e6).to.be.closeTo(8, 0.002);
    expect(timeline.sessionUs(600, 600 * 960) / 1e6).to.be.closeTo(22, 0.002);
  });

  it('does not cut at a pause during which the media clock went on', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    for (let index = 0; index < 500; index += 1) {
      const capturedS = index * 0.02 + (index >= 250 ? 60 : 0);
      stream.packet(Math.round(capturedS * 1e6 + 30_000), index, Math.round(capturedS * RATE));
    }
    expect(fitTimeline(stream, fitClocks([stream]), 'audio').segments).to.have.length(1);
  });

  it('takes reports that only repeat the arrival for what they are', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    const random = noise(4);
    for (let index = 0; index < 2000; index += 1) {
      const arrivedUs = Math.round(index * 20_000 + 25_000 + random() * 60_000);
      stream.packet(arrivedUs, index, index * 960);
      // As mediasoup reports without having heard of the publisher: from when the newest packet came.
      if (index % 50 === 49) stream.report(arrivedUs + 7000, arrivedUs + 7000, index * 960 + 0.007 * RATE);
    }
    const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
    expect(timeline.segments[0]?.basis).to.equal('arrival');
    // The fastest packet took 5 ms.
    expect(timeline.sessionUs(1000, 1000 * 960) / 1000).to.be.closeTo(20_005, 3);
  });

  it('does not believe a way to the SFU of seconds', () => {
    const observed = observe({ delayMs: 5 });
    // All reports tell of a capture 2 s before the true one.
    for (const report of observed.stream.reports) report.mediaUs += 2e6;
    const { worstMs, segment } = fit(observed);
    expect(segment?.basis).to.equal('arrival');
    expect(worstMs).to.be.below(8);
  });

  it('leaves out the reports of the first half minute where those are late by the way to the SFU', () => {
    const { worstMs } = fit(observe({ delayMs: 80, reports: { scatterMs: 1, biasMs: 80, biasS: 30 } }));
    expect(worstMs).to.be.below(3);
  });

  it('finds the packet behind which a media clock stood still for a moment, as when a device is changed', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    const random = noise(6);
    for (let index = 0; index < 3000; index += 1) {
      const capturedUs = index * 20_000 + (index >= 1517 ? 90_000 : 0);
      stream.packet(Math.round(capturedUs + 40_000 + random() * 5000), index, index * 960);
      // The SFU hears of it some seconds later.
      const knownUs = index >= 1517 && index < 1700 ? capturedUs - 90_000 : capturedUs;
      if (index % 50 === 49) stream.report(capturedUs, knownUs, index * 960);
    }
    const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
    expect(timeline.segments).to.have.length(2);
    expect(timeline.segmentOf(1516)).to.not.equal(timeline.segmentOf(1517));
    for (const index of [10, 1516, 1517, 2990]) {
      const capturedUs = index * 20_000 + (index >= 1517 ? 90_000 : 0);
      expect(timeline.sessionUs(index, index * 960) / 1000, `${index}`).to.be.closeTo(capturedUs / 1000, 2);
    }
  });

  it('does not take a longer way through the network for a clock that stood still', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    const random = noise(6);
    for (let index = 0; index < 3000; index += 1) {
      const capturedUs = index * 20_000;
      const delayUs = index >= 1517 ? 130_000 : 40_000;
      stream.packet(Math.round(capturedUs + delayUs + random() * 5000), index, index * 960);
      if (index % 50 === 49) stream.report(capturedUs, capturedUs, index * 960);
    }
    const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
    expect(timeline.segments).to.have.length(1);
    expect(timeline.sessionUs(2990, 2990 * 960) / 1000).to.be.closeTo(59_800, 2);
  });

  it('follows a skew that wanders over hours', () => {
    const stream = new StreamObserver({ clockId: 'sfu', clockRateHz: RATE });
    const random = noise(9);
    // ±3 ppm over two hours: what a crystal does between a cold start and a warm room.
    const mediaS = (s: number) => s + 3e-6 * (7200 / (2 * Math.PI)) * Math.sin((2 * Math.PI * s) / 7200);
    for (let second = 1; second < 4 * 3600; second += 1) {
      stream.packet(second * 1e6 + 40_000, second % 65_536, Math.round(mediaS(second) * RATE));
      const seen = mediaS(second) + (random() - 0.5) * 0.004;
      stream.report(second * 1e6 + 300, second * 1e6, Math.round(seen * RATE));
    }
    const timeline = fitTimeline(stream, fitClocks([stream]), 'audio');
    for (let second = 60; second < 4 * 3600; second += 60) {
      const placed = timeline.sessionUs(second, mediaS(second) * RATE);
      expect(Math.abs(placed - second * 1e6), `at ${second} s`).to.be.below(2000);
    }
  });
});

describe('unwrapping', () => {
  it('goes on over the wrap, in and out of order', () => {
    const unwrapper = sequenceUnwrapper();
    expect([65_534, 65_535, 1, 0, 2, 65_533].map(value => unwrapper.next(value))).to.deep.equal([
      65_534, 65_535, 65_537, 65_536, 65_538, 65_533,
    ]);
  });

  it('takes a sequence that starts again far back for a jump ahead', () => {
    const unwrapper = sequenceUnwrapper();
    expect([20_000, 10_000, 10_001].map(value => unwrapper.next(value))).to.deep.equal([
      20_000, 75_536, 75_537,
    ]);
  });
});
