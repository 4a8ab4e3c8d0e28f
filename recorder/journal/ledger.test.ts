import { expect } from 'chai';
import type { Gap, TrackEvent } from '../format/index.ts';
import { Ledger } from './ledger.ts';

const ms = (value: number) => value * 1000;

/** Packets every 20 ms in [fromMs, toMs). */
function speak(ledger: Ledger, fromMs: number, toMs: number): void {
  for (let at = fromMs; at < toMs; at += 20) ledger.packet(100, ms(at));
}
const tell = (ledger: Ledger, atMs: number, event: TrackEvent) => ledger.event(event, ms(atMs));
const gapsOf = (ledger: Ledger, durationMs: number) =>
  ledger
    .finish(ms(durationMs))
    .gaps.map(({ startUs, endUs, cause }: Gap) => [startUs / 1000, endUs / 1000, cause]);

describe('the ledger of a track', () => {
  it('has no gap when packets came from the first instant to the last', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    expect(gapsOf(ledger, 1000)).to.deep.equal([]);
    expect(ledger.finish(ms(1000)).counters).to.include({ packetsReceived: 50, bytesReceived: 5000 });
  });

  it('accounts for the time before, the mute, and the time after', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 3000, 5000);
    tell(ledger, 5000, { kind: 'muted' });
    ledger.packet(100, ms(5010));
    tell(ledger, 9000, { kind: 'unmuted' });
    speak(ledger, 9020, 10_000);
    tell(ledger, 10_000, { kind: 'closed', cause: 'left' });
    expect(gapsOf(ledger, 15_000)).to.deep.equal([
      [0, 3000, 'late'],
      [5010, 9000, 'muted'],
      [10_000, 15_000, 'left'],
    ]);
  });

  it('tells a pause from a mute, whichever of them begins or ends within the other', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    tell(ledger, 1000, { kind: 'paused' });
    tell(ledger, 2000, { kind: 'muted' });
    tell(ledger, 3000, { kind: 'paused' });
    expect(ledger.held).to.equal('paused');
    tell(ledger, 4000, { kind: 'unmuted' });
    speak(ledger, 4000, 5000);
    expect(gapsOf(ledger, 5000)).to.deep.equal([
      [1000, 2000, 'paused'],
      [2000, 3000, 'muted'],
      [3000, 4000, 'paused'],
    ]);
  });

  it('knows a track that was muted all along, and one that never sent', () => {
    const muted = new Ledger('audio');
    tell(muted, 40, { kind: 'muted' });
    expect(gapsOf(muted, 1000)).to.deep.equal([
      [0, 40, 'late'],
      [40, 1000, 'muted'],
    ]);
    expect(gapsOf(new Ledger('video'), 1000)).to.deep.equal([[0, 1000, 'late']]);
  });

  it('tells silence without a reason from a hole in the sequence', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    speak(ledger, 1500, 2000);
    speak(ledger, 3000, 3020);
    tell(ledger, 3010, { kind: 'silent', fromUs: ms(1980), toUs: ms(3000) });
    tell(ledger, 4000, { kind: 'lost', packets: 25, fromUs: ms(980), toUs: ms(1500) });
    tell(ledger, 4000, { kind: 'lost', packets: 1, fromUs: ms(1500), toUs: ms(1520) });
    expect(gapsOf(ledger, 3020)).to.deep.equal([
      [980, 1500, 'network-loss'],
      [1500, 1520, 'network-loss'],
      [1980, 3000, 'no-packets'],
    ]);
    expect(ledger.counters.packetsLost).to.equal(26);
  });

  it('has no gap where packets came late, or were sent again', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    for (let packet = 0; packet < 100; packet += 1) ledger.packet(100, ms(3000));
    speak(ledger, 3000, 4000);
    expect(gapsOf(ledger, 4000)).to.deep.equal([]);
  });

  it('has no gap before a mute where packets that were held up come after it', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    tell(ledger, 1600, { kind: 'muted' });
    for (let packet = 0; packet < 30; packet += 1) ledger.packet(100, ms(1700));
    tell(ledger, 3000, { kind: 'unmuted' });
    speak(ledger, 3000, 4000);
    expect(gapsOf(ledger, 4000)).to.deep.equal([[1600, 3000, 'muted']]);
  });

  it('takes a mute out of a silence that reaches across it', () => {
    const ledger = new Ledger('audio');
    speak(ledger, 0, 1000);
    tell(ledger, 1500, { kind: 'muted' });
    tell(ledger, 3000, { kind: 'unmuted' });
    speak(ledger, 3900, 5000);
    tell(ledger, 5000, { kind: 'silent', fromUs: ms(970), toUs: ms(3890) });
    expect(gapsOf(ledger, 5000)).to.deep.equal([
      [980, 1500, 'no-packets'],
      [1500, 3000, 'muted'],
      [3000, 3900, 'no-packets'],
    ]);
    tell(ledger, 6000, { kind: 'lost', packets: 7, fromUs: ms(970), toUs: ms(3900) });
    expect(gapsOf(ledger, 5000).map(([, , cause]) => cause)).to.deep.equal([
      'network-loss',
      'network-loss',
      'muted',
      'network-loss',
    ]);
  });

  it('sees how long a new stream was in coming', () => {
    const ledger = new Ledger('video');
    const stream = {
      ssrc: 1,
      payloadType: 101,
      mimeType: 'video/VP8',
      clockRateHz: 90_000,
      channels: 1,
      parameters: {},
      clockId: 'w1',
    };
    tell(ledger, 0, { kind: 'stream', ...stream });
    for (const at of [0, 1000, 2000]) ledger.packet(900, ms(at));
    tell(ledger, 3000, { kind: 'stream', ...stream, ssrc: 2 });
    ledger.packet(900, ms(4000));
    expect(gapsOf(ledger, 4000)).to.deep.equal([[2000, 4000, 'no-packets']]);
  });

  it('counts what was dropped, by reason, and takes other notes as they are', () => {
    const ledger = new Ledger('audio');
    tell(ledger, 0, { kind: 'dropped', by: 'kernel', packets: 3 });
    tell(ledger, 1, { kind: 'dropped', by: 'flood', packets: 5 });
    tell(ledger, 2, { kind: 'dropped', by: 'kernel', packets: 1 });
    tell(ledger, 3, { kind: 'resolution', widthPx: 640, heightPx: 360 });
    tell(ledger, 3, { kind: 'layers', spatial: 1, temporal: 0 });
    tell(ledger, 4, { kind: 'foreign', ssrc: 1, payloadType: 2 });
    expect(ledger.counters).to.include({ packetsDroppedByKernel: 4, packetsDroppedByFlood: 5 });
    expect(gapsOf(ledger, 5)).to.deep.equal([[0, 5, 'late']]);
  });

  it('goes on from a snapshot after a restart, and names the restart', () => {
    const before = new Ledger('audio');
    speak(before, 0, 1000);
    const state = JSON.parse(JSON.stringify(before.snapshot()));
    const after = new Ledger('audio', state);
    after.restarted(0);
    speak(after, 4000, 5000);
    expect(gapsOf(after, 5000)).to.deep.equal([[980, 4000, 'recorder-restarted']]);
    const never = new Ledger('audio', before.snapshot());
    never.restarted(0);
    expect(gapsOf(never, 3000)).to.deep.equal([[980, 3000, 'recorder-restarted']]);
  });

  it('blames a restart only for what came after the last sign of life', () => {
    const muted = new Ledger('audio');
    speak(muted, 0, 1000);
    tell(muted, 1000, { kind: 'muted' });
    muted.restarted(ms(60_000));
    tell(muted, 65_000, { kind: 'muted' });
    expect(gapsOf(muted, 70_000)).to.deep.equal([
      [1000, 60_000, 'muted'],
      [60_000, 65_000, 'recorder-restarted'],
      [65_000, 70_000, 'muted'],
    ]);
    const late = new Ledger('audio');
    late.restarted(ms(3000));
    late.restarted(ms(4000));
    speak(late, 5000, 6000);
    expect(gapsOf(late, 6000)).to.deep.equal([
      [0, 3000, 'late'],
      [3000, 5000, 'recorder-restarted'],
    ]);
    const silent = new Ledger('audio');
    speak(silent, 0, 1000);
    silent.restarted(ms(2000));
    expect(gapsOf(silent, 3000)).to.deep.equal([
      [980, 2000, 'no-packets'],
      [2000, 3000, 'recorder-restarted'],
    ]);
  });

  it('says what was dropped for want of room, however short', () => {
    const ledger = new Ledger('video');
    for (const at of [0, 33, 66]) ledger.packet(900, ms(at));
    tell(ledger, 100, { kind: 'shed' });
    ledger.packet(900, ms(500));
    expect(gapsOf(ledger, 500)).to.deep.equal([[100, 500, 'recorder-full']]);
  });

  it('names each stream once, however many chunks begin with it', () => {
    const ledger = new Ledger('audio');
    const stream = {
      ssrc: 1,
      payloadType: 100,
      mimeType: 'audio/opus',
      clockRateHz: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1 },
      clockId: 'w1',
    };
    tell(ledger, 0, { kind: 'stream', ...stream });
    tell(ledger, 10, { kind: 'stream', ...stream });
    tell(ledger, 20, { kind: 'stream', ...stream, ssrc: 2 });
    expect(ledger.finish(0).streams).to.deep.equal([stream, { ...stream, ssrc: 2 }]);
  });
});
