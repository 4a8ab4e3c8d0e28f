import { randomUUID } from 'node:crypto';
import { setInterval } from 'node:timers/promises';
import type { Gap, JournalRecord } from '@cratersync/recorder/format';
import { openRecording } from '@cratersync/recorder/reader';
import type { ParticipantId, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { FakeTap } from '../support/fake-sfu.ts';
import type { FakeSignaling } from '../support/fake-signaling.ts';
import { MediaTap, openMedia } from '../support/media-tap.ts';
import { RealRecorder, type Room } from '../support/real-recorder.ts';
import { readRecorded } from '../support/recorded.ts';
import { noise, type RtpSource, rtpPacket, senderReport, vp8Source } from '../support/rtp.ts';
import { checkStems } from '../support/stems.ts';
import { fairWeather, UdpRelay } from '../support/udp-relay.ts';
import { theClip, type Voice, voice } from '../support/voice.ts';

const seed = Number(process.env['SEED'] ?? process.env['FIRST_SEED'] ?? Date.now() % 1e6);
/** Of the publishers' clock, when that of this process shows zero; µs since 1900. */
const PUBLISHER_ZERO_US = 3_950_000_000_000_000;
/** By this much a gap of the manifest may differ from what is missing. */
const EXACT_US = 20_000;

interface Track {
  trackId: TrackId;
  tap: MediaTap;
  relay: UdpRelay;
  ssrc: number;
  source: RtpSource | Voice;
  /** When the first packets are captured; the others follow at the source's pace. */
  beganUs: number;
  turns: number;
  reportDueUs: number;
  sent: { packet: Buffer; atUs: number }[];
}

describe(`a bad network between SFU and recorder (SEED=${seed})`, () => {
  let signaling: FakeSignaling;
  let recorder: RealRecorder;
  let media: Awaited<ReturnType<typeof openMedia>>;
  let ids: Room;
  const open: { close(): void }[] = [];

  beforeEach(async () => {
    recorder = await RealRecorder.start();
    signaling = recorder.signaling;
    media = await openMedia();
    ids = await recorder.open();
  });
  afterEach(async () => {
    media.close();
    for (const each of open.splice(0)) each.close();
    await recorder.close();
  });

  /** What signaling asks for when it opens a tap. @returns the recorder's port */
  async function openPort(trackId: TrackId, source: 'mic' | 'camera') {
    const participantId = randomUUID() as ParticipantId;
    const kind = source === 'mic' ? 'audio' : 'video';
    return signaling.ask('track.open', { ...ofTrack(trackId), participantId, source, kind });
  }
  const ofTrack = (trackId: TrackId) => ({ recordingId: ids.recordingId, trackId });

  async function openTrack(source: 'mic' | 'camera'): Promise<Track> {
    const trackId = randomUUID() as TrackId;
    const { ip, port } = await openPort(trackId, source);
    const relay = await UdpRelay.open(seed + open.length);
    relay.leadTo(port, ip);
    const stream =
      source === 'mic'
        ? { kind: 'audio' as const, ssrc: 1111 + open.length, payloadType: 100, sequence: 65_500 }
        : { kind: 'video' as const, ssrc: 2222 + open.length, payloadType: 101, sequence: 65_000 };
    const tap = await MediaTap.open(media.router, stream, { port: relay.port });
    open.push(tap, relay);
    const { rtpParameters } = tap.describe();
    const from = { sourceIp: '127.0.0.1', sourcePort: relay.sourcePort, srtp: null, clockId: 'worker' };
    await signaling.ask('track.start', { ...ofTrack(trackId), rtpParameters, ...from, held: 'open' });
    await tap.start();
    const made =
      source === 'mic'
        ? voice(await theClip(), stream)
        : vp8Source({ ...stream, timestamp: 2 ** 32 - 100_000 });
    const beganUs = performance.now() * 1000;
    const { ssrc } = stream;
    return { trackId, tap, relay, ssrc, source: made, beganUs, turns: 0, reportDueUs: 0, sent: [] };
  }

  /** Real time passes while all of them publish. `atUs` is when a packet was captured: it may be sent some ms later. */
  async function publish(ms: number, ...tracks: Track[]): Promise<void> {
    const endUs = (performance.now() + ms) * 1000;
    for await (const _ of setInterval(4)) {
      const nowUs = performance.now() * 1000;
      for (const track of tracks) {
        for (;;) {
          const atUs = track.beganUs + track.turns * track.source.intervalUs;
          if (atUs > nowUs) break;
          track.turns += 1;
          const packets = track.source.next(atUs);
          await track.tap.publish(packets);
          for (const packet of packets) track.sent.push({ packet, atUs });
        }
        await report(track, nowUs);
      }
      if (nowUs >= endUs) return;
    }
  }

  /** As a browser does now and then: what its clock and the stream's timestamps show at one instant. */
  async function report(track: Track, nowUs: number): Promise<void> {
    const { source, ssrc, sent, tap } = track;
    if (!('timestampAt' in source) || nowUs < track.reportDueUs) return;
    track.reportDueUs = nowUs + 1_000_000;
    const [ntpUs, rtpTimestamp] = [PUBLISHER_ZERO_US + nowUs, source.timestampAt(nowUs)];
    await tap.publish([senderReport({ ssrc, ntpUs, rtpTimestamp, packetCount: sent.length })]);
  }

  async function finish() {
    const { recordingId } = ids;
    await signaling.ask('recording.close', { recordingId });
    const { durationMs } = await signaling.report('recording.finalized');
    return { durationMs, ...(await readRecorded(recorder.directory, ids)) };
  }

  /** The SFU writes headers of its own; what is behind them tells packets apart. */
  const payloadOf = (packet: Uint8Array) => Buffer.from(packet.subarray(-40)).toString('latin1');

  /** What was published, and the session time at which it came; null when it never did. */
  function fate({ sent }: Track, records: readonly JournalRecord[] = []) {
    const arrivals = new Map<string, number>();
    for (const record of records)
      if (record.type === 'rtp') arrivals.set(payloadOf(record.packet), record.atUs);
    return sent.map(({ packet, atUs }) => ({ atUs, arrivedUs: arrivals.get(payloadOf(packet)) ?? null }));
  }

  /** Between the packets around each hole, when they would have come without delay. */
  function missingIn(packets: ReturnType<typeof fate>): [number, number][] {
    expect(packets.filter(({ arrivedUs }) => arrivedUs !== null).length).to.be.greaterThan(
      packets.length / 4,
    );
    const ways = packets.flatMap(({ atUs, arrivedUs }) => (arrivedUs === null ? [] : [arrivedUs - atUs]));
    const wayUs = Math.min(...ways);
    const holes: [number, number][] = [];
    let lastUs: number | null = null;
    let missing = false;
    for (const { atUs, arrivedUs } of packets) {
      if (arrivedUs === null) {
        missing = true;
        continue;
      }
      if (missing && lastUs !== null) holes.push([lastUs + wayUs, atUs + wayUs]);
      lastUs = atUs;
      missing = false;
    }
    return holes;
  }

  function expectGaps(gaps: readonly Gap[], holes: readonly [number, number][]): void {
    const told = gaps.filter(({ cause }) => cause === 'network-loss' || cause === 'no-packets');
    const shown = JSON.stringify({ told, holes });
    expect(told.length, shown).to.equal(holes.length);
    for (const [i, { startUs, endUs }] of told.entries()) {
      expect(startUs, shown).to.be.closeTo(holes[i]?.[0] ?? 0, EXACT_US);
      expect(endUs, shown).to.be.closeTo(holes[i]?.[1] ?? 0, EXACT_US);
    }
  }

  /** Renders the stems, and compares them with what was said. */
  async function listen(tracks: Track[]): Promise<void> {
    const said = new Map(
      tracks.map(({ trackId, sent }) => [
        trackId,
        new Map(sent.map(({ packet, atUs }) => [payloadOf(packet), atUs])),
      ]),
    );
    const { store, keys } = await recorder.openData();
    const reader = await openRecording(store, keys, ids);
    await checkStems(
      reader,
      ({ trackId }, packet) => said.get(trackId)?.get(payloadOf(packet)) ?? Number.NaN,
    );
    await store.close();
  }

  it('keeps 99.9 % of the packets of a network that loses 5 %, and reorders, doubles and delays others', async () => {
    const tracks = [await openTrack('mic'), await openTrack('camera'), await openTrack('mic')];
    // Nobody can miss a packet before the first one.
    await publish(300, ...tracks);
    for (const { relay } of tracks)
      relay.weather = { loss: 0.05, duplicated: 0.02, reordered: 0.02, jitterMs: 400, cut: false };
    await publish(15_000, ...tracks);
    for (const { relay } of tracks) relay.weather = fairWeather;
    await publish(2500, ...tracks);
    const { manifest, records } = await finish();
    let lost = 0;
    for (const track of tracks) {
      const { sent } = track;
      const kept = fate(track, records.get(track.trackId)).filter(({ arrivedUs }) => arrivedUs !== null);
      lost += sent.length - kept.length;
      const account = manifest.tracks.find(({ trackId }) => trackId === track.trackId);
      expect(account?.counters.packetsReceived).to.equal(kept.length);
      expect(account?.counters.packetsDuplicate).to.be.greaterThan(0);
      const gaps = account?.gaps.filter(({ cause }) => cause !== 'late') ?? [];
      expect(gaps.length).to.be.at.most(sent.length - kept.length);
    }
    const total = tracks.reduce((sum, { sent }) => sum + sent.length, 0);
    expect(lost / total).to.be.at.most(0.001);
    await listen(tracks);
  }).timeout(60_000);

  it('has no gap where the network stood still for a moment and all was sent again', async () => {
    const mic = await openTrack('mic');
    await publish(1500, mic);
    mic.relay.weather = { ...fairWeather, cut: true };
    await publish(600, mic);
    mic.relay.weather = fairWeather;
    await publish(3000, mic);
    const { manifest, records } = await finish();
    expect(missingIn(fate(mic, records.get(mic.trackId)))).to.deep.equal([]);
    expectGaps(manifest.tracks[0]?.gaps ?? [], []);
    expect(manifest.tracks[0]?.counters.packetsLost).to.equal(0);
  });

  it('tells of a microphone and of a camera what is missing after a cut, to 20 ms', async () => {
    const tracks = [await openTrack('mic'), await openTrack('camera')];
    await publish(2000, ...tracks);
    for (const { relay } of tracks) relay.weather = { ...fairWeather, cut: true };
    await publish(4000, ...tracks);
    for (const { relay } of tracks) relay.weather = fairWeather;
    await publish(3500, ...tracks);
    const { manifest, records } = await finish();
    for (const track of tracks) {
      const account = manifest.tracks.find(({ trackId }) => trackId === track.trackId);
      const holes = missingIn(fate(track, records.get(track.trackId)));
      expect(holes.length).to.be.at.least(1);
      expectGaps(account?.gaps ?? [], holes);
    }
  }).timeout(60_000);

  it('never takes lost packets, or a jump of the numbers, for time', async () => {
    const trackId = randomUUID() as TrackId;
    const { ip, port } = await openPort(trackId, 'mic');
    const tap = await FakeTap.open(77, 'audio/opus');
    open.push(tap);
    tap.sendTo(port, ip);
    await signaling.ask('track.start', { ...ofTrack(trackId), ...tap.describe(), held: 'open' });
    const beganMs = performance.now();
    let sent = 0;
    const send = async (sequence: number, timestamp: number) => {
      for (let i = 0; i < 10; i += 1, sent += 1) {
        const at = { sequence: sequence + i, timestamp: (timestamp + i * 960) % 2 ** 32 };
        await tap.sendPacket(rtpPacket({ ssrc: 77, payloadType: 100, ...at, payload: noise(50, sent) }));
      }
    };
    await send(100, 0);
    await send(110 + 21_000, 9600 + 21_000 * 960);
    await send(100, 2 ** 31);
    await send(60_000, 2 ** 32 - 5000);
    await send(60_010, 3 * 3600 * 48_000);
    const { durationMs, manifest, records } = await finish();
    expect(durationMs).to.be.at.most(performance.now() - beganMs + 1000);
    expect(durationMs).to.equal(manifest.durationUs / 1000);
    const [track] = manifest.tracks;
    expect(track?.counters.packetsReceived).to.equal(sent);
    expect(records.get(trackId)?.filter(({ type }) => type === 'rtp')).to.have.length(sent);
    for (const { startUs, endUs } of track?.gaps ?? []) {
      expect(startUs).to.be.within(0, endUs);
      expect(endUs).to.be.at.most(manifest.durationUs);
    }
  });
});
