import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setInterval } from 'node:timers/promises';
import type { ParticipantId, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { types } from 'mediasoup';
import type { FakeSignaling } from '../support/fake-signaling.ts';
import { MediaTap, openMedia } from '../support/media-tap.ts';
import { RealRecorder, type Room } from '../support/real-recorder.ts';
import { readRecorded } from '../support/recorded.ts';
import { noise, opusSource, type RtpSource, rtpPacket, vp8Source } from '../support/rtp.ts';
import { fairWeather, UdpRelay } from '../support/udp-relay.ts';

/** What the SFU hears of a recorder. */
class Heard extends EventEmitter {
  nacks = 0;
  pictureLosses = 0;
}

interface Track {
  trackId: TrackId;
  tap: MediaTap;
  relay: UdpRelay;
  source: RtpSource;
  sent: Buffer[];
  heard: Heard;
  consumer: types.Consumer;
}

describe('a tap between an SFU and a recorder on different hosts', function () {
  this.timeout(60_000);
  let signaling: FakeSignaling;
  let recorder: RealRecorder;
  let media: Awaited<ReturnType<typeof openMedia>>;
  let ids: Room;
  const consumers: types.Consumer[] = [];
  const open: { close(): void }[] = [];

  beforeEach(async () => {
    // Addresses of this machine play the hosts, so the choice is made here and not by them.
    recorder = await RealRecorder.start({ env: { TAP_IP: '127.0.0.2', TAP_SRTP: 'always' } });
    signaling = recorder.signaling;
    media = await openMedia();
    media.router.observer.on('newtransport', transport =>
      transport.observer.on('newconsumer', consumer => consumers.push(consumer)),
    );
    ids = await recorder.open();
  });
  afterEach(async () => {
    media.close();
    for (const each of open.splice(0)) each.close();
    consumers.splice(0);
    await recorder.close();
  });

  /** @param keyBase64 what the recorder is told of the SFU's key; its true one by default */
  async function openTrack(source: 'mic' | 'camera', keyBase64?: string): Promise<Track> {
    const trackId = randomUUID() as TrackId;
    const ofTrack = { recordingId: ids.recordingId, trackId };
    const kind = source === 'mic' ? 'audio' : 'video';
    const participantId = randomUUID() as ParticipantId;
    const port = await signaling.ask('track.open', { ...ofTrack, participantId, source, kind });
    const relay = await UdpRelay.open(open.length);
    relay.leadTo(port.port, port.ip);
    const stream =
      source === 'mic'
        ? { kind: 'audio' as const, ssrc: 1111 + open.length, payloadType: 100 }
        : { kind: 'video' as const, ssrc: 2222, payloadType: 101 };
    const tap = await MediaTap.open(media.router, stream, { port: relay.port, srtp: port.srtp }, '127.0.0.3');
    open.push(tap, relay);
    const consumer = consumers.at(-1);
    const { srtp, ...described } = tap.describe();
    if (consumer === undefined || srtp === null) throw new Error('the tap is not as it should be');
    const heard = new Heard();
    await consumer.enableTraceEvent(['nack', 'pli']);
    consumer.on('trace', ({ type }) => {
      if (type === 'nack') heard.nacks += 1;
      if (type === 'pli') heard.pictureLosses += 1;
      heard.emit('change');
    });
    await signaling.ask('track.start', {
      ...ofTrack,
      ...described,
      sourceIp: '127.0.0.1',
      sourcePort: relay.sourcePort,
      srtp: keyBase64 === undefined ? srtp : { ...srtp, keyBase64 },
      clockId: 'worker',
      held: 'open',
    });
    await tap.start();
    const made = source === 'mic' ? opusSource(stream) : vp8Source(stream);
    return { trackId, tap, relay, source: made, sent: [], heard, consumer };
  }

  /** Everybody publishes at their pace until it is so. */
  async function publishUntil(done: () => boolean | Promise<boolean>, ...tracks: Track[]): Promise<void> {
    const due = tracks.map(() => performance.now());
    for await (const _ of setInterval(5)) {
      for (const [i, track] of tracks.entries())
        for (; (due[i] ?? 0) <= performance.now(); due[i] = (due[i] ?? 0) + track.source.intervalUs / 1000) {
          const packets = track.source.next();
          await track.tap.publish(packets);
          track.sent.push(...packets);
        }
      if (await done()) return;
    }
  }

  async function finish() {
    await signaling.ask('recording.close', { recordingId: ids.recordingId });
    await signaling.report('recording.finalized');
    const { manifest, records } = await readRecorded(recorder.directory, ids);
    return {
      of: ({ trackId }: Track) => {
        const account = manifest.tracks.find(track => track.trackId === trackId);
        if (account === undefined) throw new Error('a track is missing');
        return { ...account, records: records.get(trackId) ?? [] };
      },
    };
  }

  /** The SFU writes headers of its own; what is behind them tells packets apart. */
  const payloadOf = (packet: Uint8Array) => Buffer.from(packet.subarray(-40)).toString('latin1');
  const roundTripMs = async ({ consumer }: Track) => {
    const stats = await consumer.getStats();
    return stats.map(each => ('roundTripTime' in each ? Number(each.roundTripTime) : 0));
  };

  it('brings every packet, encrypted, with what was lost on the way; and reports go both ways', async () => {
    const mic = await openTrack('mic');
    const camera = await openTrack('camera');
    const onTheWire: Buffer[] = [];
    mic.relay.onPacket = packet => onTheWire.push(packet);
    await publishUntil(() => mic.sent.length >= 20, mic, camera);
    for (const { relay } of [mic, camera]) relay.weather = { ...fairWeather, loss: 0.1 };
    await publishUntil(() => [mic, camera].every(({ heard }) => heard.nacks > 3), mic, camera);
    // A camera that stands still is asked for a key frame.
    await publishUntil(() => camera.heard.pictureLosses > 0, mic);
    // The SFU knows how long the way is only from receiver reports that quote its own Sender Reports.
    for (const { relay } of [mic, camera]) relay.weather = { ...fairWeather, jitterMs: 40 };
    await publishUntil(async () => (await roundTripMs(camera)).some(ms => ms > 0), mic, camera);
    for (const { relay } of [mic, camera]) relay.weather = fairWeather;
    const last = mic.sent.length + 50;
    await publishUntil(() => mic.sent.length > last, mic, camera);
    const recorded = await finish();
    for (const track of [mic, camera]) {
      const { records, counters } = recorded.of(track);
      const kept = new Set(
        records.flatMap(record => (record.type === 'rtp' ? [payloadOf(record.packet)] : [])),
      );
      const missing = track.sent.filter(packet => !kept.has(payloadOf(packet)));
      // At the very end, what was just sent may still be on its way.
      expect(missing.length).to.be.at.most(track.sent.length * 0.02);
      expect(records.some(({ type }) => type === 'sender-report')).to.equal(true);
      expect(counters).to.include({ packetsMalformed: 0, packetsForeign: 0 });
    }
    const payloads = mic.sent.map(packet => packet.subarray(12));
    expect(onTheWire.length).to.be.greaterThan(20);
    expect(onTheWire.some(packet => payloads.some(payload => packet.includes(payload)))).to.equal(false);
  });

  it('takes nothing that is not encrypted with the right key, and counts it', async () => {
    const right = await openTrack('mic');
    const wrong = await openTrack('mic', randomBytes(44).toString('base64'));
    await publishUntil(() => right.sent.length >= 50, right, wrong);
    const { ssrc, payloadType } = streamOf(right);
    for (let sequence = 0; sequence < 30; sequence += 1) {
      const payload = noise(40, sequence);
      right.relay.forge(rtpPacket({ ssrc, payloadType, sequence, timestamp: 960 * sequence, payload }));
    }
    const last = right.sent.length + 50;
    await publishUntil(() => right.sent.length > last, right, wrong);
    const recorded = await finish();
    const kept = recorded.of(right);
    expect(kept.counters.packetsReceived).to.be.greaterThan(95);
    expect(kept.counters.packetsMalformed).to.equal(30);
    const dropped = recorded.of(wrong);
    expect(dropped.counters.packetsReceived).to.equal(0);
    expect(dropped.counters.packetsMalformed).to.be.greaterThan(95);
    expect(dropped.records.some(({ type }) => type === 'rtp')).to.equal(false);
  });

  it('never leaves the machine unencrypted, whatever a recorder asks for', async () => {
    const stream = { kind: 'audio' as const, ssrc: 1, payloadType: 100 };
    const opened = MediaTap.open(media.router, stream, { ip: '192.0.2.1', port: 9, srtp: null });
    expect(await opened.catch((error: Error) => error.message)).to.match(/must be SRTP/);
  });

  function streamOf({ tap }: Track) {
    const { codecs, encodings } = tap.describe().rtpParameters as unknown as types.RtpParameters;
    return { ssrc: encodings?.[0]?.ssrc ?? 0, payloadType: codecs[0]?.payloadType ?? 0 };
  }
});
