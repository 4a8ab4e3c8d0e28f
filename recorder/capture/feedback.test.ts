import { expect } from 'chai';
import { Feedback } from './feedback.ts';
import { ReceiveWindow } from './receive-window.ts';

const ms = (value: number) => value * 1000;
const ssrc = 0xabcd;

/** One stream, told of what comes and asked for feedback every 50 ms. */
function stream(kind: 'audio' | 'video', clockRateHz = 90_000) {
  const window = new ReceiveWindow({ clockRateHz, quietUs: ms(1200) });
  const feedback = new Feedback({ kind, ssrc, clockRateHz }, 1, 0);
  return {
    feedback,
    /** @param sequence also says when it was sent: every 20 ms */
    packet(sequence: number, atMs = sequence * 20, timestamp = sequence * 20 * (clockRateHz / 1000)) {
      window.accept(sequence, timestamp % 2 ** 32, ms(atMs));
      feedback.packet(timestamp % 2 ** 32, ms(atMs));
    },
    /** What is sent at this instant, by type: RR, NACK, PLI. */
    due(atMs: number, muted = false): Record<'report' | 'nack' | 'picture', Buffer | undefined> {
      const found: Record<string, Buffer> = {};
      const packet = feedback.due(ms(atMs), window, muted) ?? Buffer.alloc(0);
      for (let at = 0; at < packet.length; at += 4 + 4 * packet.readUInt16BE(at + 2))
        found[packet.readUInt8(at + 1)] = packet.subarray(at, at + 4 + 4 * packet.readUInt16BE(at + 2));
      return { report: found[201], nack: found[205], picture: found[206] };
    },
  };
}

describe('feedback to the sender', () => {
  it('asks for a key frame at most once a second, however much is lost', () => {
    const video = stream('video');
    const asked: number[] = [];
    let sequence = 0;
    for (let at = 0; at < 6000; at += 20) {
      // Every tenth packet is lost.
      if (sequence % 10 !== 5) video.packet(sequence, at);
      sequence += 1;
      if (at % 100 === 0 && video.due(at).picture !== undefined) asked.push(at);
    }
    expect(asked.length).to.be.within(4, 6);
    for (const [i, at] of asked.entries()) if (i > 0) expect(at - (asked[i - 1] ?? 0)).to.be.at.least(1000);
  });

  it('asks for a key frame when nothing has come for 500 ms, unless the camera is off', () => {
    for (const muted of [false, true]) {
      const video = stream('video');
      video.due(0, muted);
      for (let sequence = 0; sequence < 100; sequence += 1) video.packet(sequence);
      expect(video.due(1980 + 500, muted).picture).to.equal(undefined);
      expect(video.due(1980 + 501, muted).picture === undefined).to.equal(muted);
      expect(video.due(1980 + 1400, muted).picture).to.equal(undefined);
      expect(video.due(1980 + 1501, muted).picture === undefined).to.equal(muted);
    }
  });

  it('never asks for a key frame of sound', () => {
    const audio = stream('audio', 48_000);
    for (const sequence of [0, 1, 5, 6]) audio.packet(sequence);
    for (let at = 0; at < 5000; at += 50) expect(audio.due(at).picture).to.equal(undefined);
  });

  it('asks for missing packets again', () => {
    const audio = stream('audio', 48_000);
    for (const sequence of [0, 1, 5, 6]) audio.packet(sequence);
    expect(audio.due(150).nack?.subarray(8).toString('hex')).to.equal('0000abcd' + '00020003');
    expect(audio.due(200).nack).to.equal(undefined);
    for (const sequence of [2, 3, 4]) audio.packet(sequence, 210);
    expect(audio.due(400).nack).to.equal(undefined);
  });

  it('measures jitter across the wrap of the RTP clock, and says how old the last Sender Report is', () => {
    const audio = stream('audio', 48_000);
    const start = 2 ** 32 - 50 * 960;
    for (let sequence = 0; sequence < 100; sequence += 1)
      audio.packet(sequence, sequence * 20, start + sequence * 960);
    audio.feedback.senderReport(
      { ssrc, ntpUs: 0, ntpCompact: 0x1234_5678, rtpTimestamp: 0, packetCount: 0 },
      ms(1500),
    );
    const steady = audio.due(2000).report;
    expect(steady?.readUInt32BE(20)).to.equal(0);
    expect(steady?.readUInt32BE(24)).to.equal(0x1234_5678);
    expect(steady?.readUInt32BE(28)).to.equal(0x8000);
    expect(audio.due(2950).report).to.equal(undefined);
    // Every second packet 10 ms late: the differences are 480 ticks each.
    for (let sequence = 100; sequence < 400; sequence += 1)
      audio.packet(sequence, sequence * 20 + (sequence % 2) * 10, start + sequence * 960);
    expect(audio.due(8000).report?.readUInt32BE(20)).to.be.within(470, 480);
  });
});
