import { expect } from 'chai';
import { type Connection, judge, type Measured, QualityMeter, Verdict } from './quality.ts';

const fine: Measured = { lost: 0, roundTripMs: 40, uplinkBps: 3_000_000, limitedBy: null };

describe('the quality of a connection', () => {
  it('is as bad as the worst of what is measured, which is the reason', () => {
    const of = (change: Partial<Measured>) => Object.values(judge({ ...fine, ...change }));
    expect(of({})).to.deep.equal(['good', null]);
    expect(of({ roundTripMs: null, uplinkBps: null })).to.deep.equal(['good', null]);
    expect(of({ lost: 0.05 })).to.deep.equal(['fair', 'loss']);
    expect(of({ lost: 0.05, roundTripMs: 900 })).to.deep.equal(['poor', 'delay']);
    expect(of({ limitedBy: 'bandwidth' })).to.deep.equal(['good', null]);
    expect(of({ limitedBy: 'bandwidth', uplinkBps: 500_000 })).to.deep.equal(['fair', 'bandwidth']);
    expect(of({ limitedBy: 'bandwidth', uplinkBps: 90_000 })).to.deep.equal(['poor', 'bandwidth']);
    expect(of({ limitedBy: 'processor' })).to.deep.equal(['fair', 'processor']);
  });

  it('is not changed by one bad look, nor by two good ones', () => {
    const verdict = new Verdict();
    const poor: Connection = { connection: 'poor', reason: 'loss' };
    const good: Connection = { connection: 'good', reason: null };
    const looks = [poor, good, poor, poor, good, good, poor, good, good, good];
    expect(looks.map(look => verdict.look(look).connection)).to.deep.equal([
      ...['good', 'good', 'good', 'poor', 'poor', 'poor', 'poor', 'poor', 'poor', 'good'],
    ]);
  });

  it('tells the reason that holds now', () => {
    const verdict = new Verdict();
    const because = (reason: Connection['reason']): Connection => ({ connection: 'poor', reason });
    for (const reason of ['loss', 'loss', 'delay'] as const) verdict.look(because(reason));
    expect(verdict.look(because('delay')).reason).to.equal('delay');
  });

  it('is read out of the browser’s counters, what was lost since the last look', () => {
    const meter = new QualityMeter();
    const sent = [
      {
        type: 'candidate-pair',
        nominated: true,
        currentRoundTripTime: 0.12,
        availableOutgoingBitrate: 800_000,
      },
      { type: 'remote-inbound-rtp', fractionLost: 0.02 },
      { type: 'outbound-rtp', qualityLimitationReason: 'bandwidth' },
    ];
    const inbound = (packetsReceived: number, packetsLost: number) => [
      { type: 'inbound-rtp', packetsReceived, packetsLost },
    ];
    expect(meter.read(sent, inbound(1000, 0))).to.deep.equal({
      lost: 0.02,
      roundTripMs: 120,
      uplinkBps: 800_000,
      limitedBy: 'bandwidth',
    });
    expect(meter.read(sent, inbound(1900, 100)).lost).to.equal(0.1);
    expect(meter.read([], inbound(1900, 100))).to.deep.equal({
      lost: 0,
      roundTripMs: null,
      uplinkBps: null,
      limitedBy: null,
    });
  });
});
