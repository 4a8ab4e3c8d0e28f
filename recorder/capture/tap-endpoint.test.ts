import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { noise, opusSource, rtpPacket, senderReport } from '../../test/support/rtp.ts';
import type { TrackEvent } from '../format/index.ts';
import { parseSenderReports, type SenderReport } from './rtcp.ts';
import { isRtcp, sequenceOf } from './rtp.ts';
import { deriveSrtpKeys, newMasterKeyBase64, SrtpReceiver, SrtpSender } from './srtp.ts';
import { TapEndpoint, type TapSink, type TapStart } from './tap-endpoint.ts';
import { openUdpReceiver, type UdpChoice } from './udp/index.ts';

const ssrc = 0xabcd0001;
const payloadType = 100;

/** Keeps what it gets, and lets a test wait for it. */
class Sink extends EventEmitter implements TapSink {
  recoveredCount = 0;
  readonly packets: Buffer[] = [];
  received = 0;
  keep = true;
  readonly reports: SenderReport[] = [];
  readonly events: TrackEvent[] = [];
  readonly counters = { packetsDuplicate: 0, packetsMalformed: 0, packetsForeign: 0 };
  rtp(packet: Buffer, bytes: number) {
    this.received += 1;
    if (this.keep) this.packets.push(Buffer.from(packet.subarray(0, bytes)));
    this.emit('change');
  }
  recovered(packets: number) {
    this.recoveredCount += packets;
  }
  senderReport(report: SenderReport) {
    this.reports.push(report);
    this.emit('change');
  }
  event(event: TrackEvent) {
    this.events.push(event);
    this.emit('change');
  }
  told<Kind extends TrackEvent['kind']>(kind: Kind) {
    return this.events.filter((event): event is TrackEvent & { kind: Kind } => event.kind === kind);
  }
  async until(packets: number) {
    while (this.packets.length < packets) await once(this, 'change');
  }
}

/** A packet with something wrong: cut off, bits flipped, of another stream, or noise altogether. */
function bent(seed: number, stream: { ssrc: number; payloadType: number }): Buffer {
  const random = noise(8, seed);
  const payload = noise(random.readUInt8(0) % 64, seed);
  const whole =
    random.readUInt8(1) % 8 === 0
      ? senderReport({ ...stream, ntpUs: 3.9e15, rtpTimestamp: seed, packetCount: 1 })
      : rtpPacket({
          ...stream,
          sequence: seed,
          timestamp: seed * 90,
          payload,
          extension: payload,
          padding: 3,
        });
  switch (random.readUInt8(2) % 4) {
    case 0:
      return noise(random.readUInt8(3) % 100, seed);
    case 1:
      return whole.subarray(0, random.readUInt8(3) % whole.length);
    case 2:
      whole[random.readUInt8(3) % 12] = random.readUInt8(4);
      return whole;
    default:
      // Bits of the first byte decide on everything behind it.
      whole[0] = random.readUInt8(4);
      return whole;
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedHeapBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

for (const choice of ['node', 'native'] as const satisfies UdpChoice[])
  describe(`a tap endpoint with the ${choice} UDP receiver`, () => {
    const clock = new ManualClock();
    const receiver = openUdpReceiver(choice, { clock, log: createLog('test', 'silent') });
    const open: { close(): void }[] = [];
    let looking: NodeJS.Timeout;
    beforeEach(() => {
      looking = setInterval(() => receiver.look(), 5);
    });
    afterEach(() => {
      clearInterval(looking);
      for (const each of open.splice(0)) each.close();
    });

    async function socket(): Promise<Socket> {
      const result = createSocket('udp4');
      result.bind(0, '127.0.0.1');
      await once(result, 'listening');
      open.push(result);
      return result;
    }

    async function endpoint(options: { kind?: 'audio' | 'video'; secured?: boolean } = {}) {
      const sink = new Sink();
      const tap = await TapEndpoint.open({
        receiver,
        ip: '127.0.0.1',
        kind: 'audio',
        secured: false,
        sink,
        counters: sink.counters,
        clock,
        zeroUs: 0,
        ...options,
      });
      open.push(tap);
      const sender = await socket();
      const start: TapStart = {
        ssrc,
        payloadType,
        mimeType: options.kind === 'video' ? 'video/VP8' : 'audio/opus',
        clockRateHz: 48_000,
        sourceIp: '127.0.0.1',
        sourcePort: sender.address().port,
        srtp: null,
      };
      const send = (packet: Buffer) => sender.send(packet, tap.port, '127.0.0.1');
      /** Resolves when it is at the port. */
      const deliver = (packet: Buffer) =>
        new Promise<void>(resolve => sender.send(packet, tap.port, '127.0.0.1', () => resolve()));
      return { sink, tap, sender, start, send, deliver };
    }

    it('takes what was announced, and counts and drops everything else', async () => {
      const { sink, tap, start, send } = await endpoint();
      tap.start(start);
      const stranger = await socket();
      const source = opusSource({ ssrc, payloadType, sequence: 65_530 });
      const packets = Array.from({ length: 20 }, () => source.next()).flat();
      const wrong = { ssrc, payloadType, sequence: 1, timestamp: 1, payload: noise(20, 1) };
      for (const packet of packets) {
        stranger.send(packet, tap.port, '127.0.0.1');
        send(packet);
        send(packet);
        send(rtpPacket({ ...wrong, ssrc: 5 }));
        send(rtpPacket({ ...wrong, payloadType: 5 }));
        send(packet.subarray(0, 11));
      }
      send(senderReport({ ssrc, ntpUs: 3.9e15, rtpTimestamp: 5, packetCount: 20 }));
      await once(sink, 'change').then(() => sink.until(20));
      while (sink.reports.length === 0) await once(sink, 'change');
      tap.tick(clock.nowUs(), false);
      expect(sink.packets).to.deep.equal(packets);
      expect(sink.told('foreign')).to.deep.equal([
        { kind: 'foreign', ssrc: 5, payloadType },
        { kind: 'foreign', ssrc, payloadType: 5 },
      ]);
      expect(sink.reports[0]).to.include({ ssrc, packetCount: 20, ntpUs: 3.9e15 });
      expect(sink.counters).to.include({ packetsDuplicate: 20, packetsMalformed: 20 });
      // The stranger's own socket has no order with ours; all of what it sent is dropped sooner or later.
      expect(sink.counters.packetsForeign).to.be.within(40, 60);
    });

    it('loses nothing of one track while another is flooded, and accounts for the flood', async () => {
      const flooded = await endpoint();
      const quiet = await endpoint();
      flooded.tap.start(flooded.start);
      quiet.tap.start(quiet.start);
      const source = opusSource({ ssrc, payloadType });
      const flood = 5000;
      for (let sequence = 0; sequence < flood; ) {
        for (const packet of source.next()) await quiet.deliver(packet);
        for (const end = sequence + 100; sequence < end; sequence += 1)
          await flooded.deliver(
            rtpPacket({ ssrc, payloadType, sequence, timestamp: 0, payload: noise(1000, 1) }),
          );
        await new Promise(resolve => setImmediate(resolve));
      }
      await quiet.sink.until(50);
      expect(quiet.sink.packets.map(sequenceOf)).to.deep.equal(Array.from({ length: 50 }, (_, i) => i));
      expect(quiet.sink.events).to.deep.equal([]);
      const dropped = () => flooded.sink.told('dropped').reduce((sum, { packets }) => sum + packets, 0);
      while (flooded.sink.packets.length + dropped() < flood) {
        clock.advance(1000);
        flooded.tap.tick(clock.nowUs(), false);
        await new Promise(resolve => setImmediate(resolve));
      }
      expect(flooded.sink.packets.length + dropped()).to.equal(flood);
      expect(flooded.sink.told('dropped').map(({ by }) => by)).to.include('flood');
    });

    it('asks again for what is missing, and gets it', async () => {
      const { sink, tap, sender, start, send } = await endpoint();
      tap.start(start);
      const source = opusSource({ ssrc, payloadType, sequence: 100 });
      const packets = Array.from({ length: 30 }, () => source.next()).flat();
      const held = new Set([5, 6, 20]);
      for (const [i, packet] of packets.entries()) if (!held.has(i)) send(packet);
      await sink.until(27);
      clock.advance(100);
      tap.tick(clock.nowUs(), false);
      const [message] = (await once(sender, 'message')) as [Buffer];
      // The receiver report comes first (32 bytes), then the NACK for 105, 106 and 120.
      expect(message.subarray(0, 2).toString('hex')).to.equal('81c9');
      expect(message.subarray(32, 34).toString('hex')).to.equal('81cd');
      expect(message.subarray(44).toString('hex')).to.equal('00694001');
      for (const i of held) send(packets[i] ?? noise(0, 0));
      await sink.until(30);
      clock.advance(3000);
      tap.tick(clock.nowUs(), false);
      expect(sink.events).to.deep.equal([]);
    });

    it('tells the size of the pictures whenever it changes', async () => {
      const { sink, tap, start, deliver } = await endpoint({ kind: 'video' });
      tap.start(start);
      const sizes = [
        [1280, 720],
        [1280, 720],
        [320, 180],
        [1280, 720],
      ] as const;
      for (const [i, [width, height]] of sizes.entries()) {
        const key = Buffer.from('105033009d012a0000000000', 'hex');
        key.writeUInt16LE(width, 7);
        key.writeUInt16LE(height, 9);
        const at = { ssrc, payloadType, sequence: 2 * i, timestamp: 3000 * i };
        await deliver(rtpPacket({ ...at, payload: key }));
        await deliver(rtpPacket({ ...at, sequence: 2 * i + 1, payload: Buffer.from('105133', 'hex') }));
      }
      await sink.until(8);
      expect(sink.told('resolution').map(({ widthPx, heightPx }) => [widthPx, heightPx])).to.deep.equal([
        [1280, 720],
        [320, 180],
        [1280, 720],
      ]);
    });

    it('tells what was lost for good, at the latest when the stream ends', async () => {
      const { sink, tap, start, send } = await endpoint();
      tap.start(start);
      const packet = (sequence: number) =>
        rtpPacket({ ssrc, payloadType, sequence, timestamp: 0, payload: noise(9, sequence) });
      for (const sequence of [1, 2, 5]) send(packet(sequence));
      await sink.until(3);
      clock.advance(2000);
      tap.tick(clock.nowUs(), false);
      expect(sink.told('lost').map(({ packets }) => packets)).to.deep.equal([2]);
      send(packet(7));
      await sink.until(4);
      tap.close();
      tap.close();
      expect(sink.told('lost').map(({ packets }) => packets)).to.deep.equal([2, 1]);
    });

    for (const secured of [false, true]) {
      const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1e6);
      const how = secured ? 'SRTP' : 'RTP';
      it(`counts 100,000 malformed packets of ${how}, and grows no larger (FUZZ_SEED=${seed})`, async () => {
        const { sink, tap, start, deliver } = await endpoint({ kind: 'video', secured });
        const srtp = { cryptoSuite: 'AEAD_AES_256_GCM' as const, keyBase64: newMasterKeyBase64() };
        tap.start({ ...start, srtp: secured ? srtp : null });
        sink.keep = false;
        const heapBytes: number[] = [];
        let sent = 0;
        let control = 0;
        const accounted = () => {
          const { packetsDuplicate, packetsMalformed, packetsForeign } = sink.counters;
          const dropped = sink.told('dropped').reduce((sum, { packets }) => sum + packets, 0);
          return packetsDuplicate + packetsMalformed + packetsForeign + dropped + sink.received;
        };
        for (let round = 0; round < 100; round += 1) {
          for (let i = 0; i < 1000; i += 1, sent += 1) {
            const packet = bent(seed + sent, start);
            // Control packets that are well-formed, but of no use, are nothing to count.
            if (!secured && isRtcp(packet) && parseSenderReports(packet) !== null) control += 1;
            await deliver(packet);
          }
          while (accounted() < sent - control) {
            clock.advance(1000);
            tap.tick(clock.nowUs(), false);
            await new Promise(resolve => setImmediate(resolve));
          }
          if (round % 10 === 9) heapBytes.push(usedHeapBytes());
        }
        expect(accounted()).to.be.within(sent - control, sent);
        expect(sink.counters.packetsMalformed).to.be.greaterThan(10_000);
        if (secured) expect(sink.counters.packetsMalformed).to.be.greaterThan(99_000);
        // What the compiler makes of it all is a few megabytes; a leak of 50 bytes a packet would be five.
        expect((heapBytes.at(-1) ?? 0) - (heapBytes[1] ?? 0)).to.be.lessThan(5 << 20);
      }).timeout(120_000);
    }

    /** Picture loss indications among the feedback of `ms`, at one tick every 50 ms. */
    async function pictureLosses(kind: 'audio' | 'video', ms: number, muted: boolean): Promise<number> {
      const { tap, sender, start } = await endpoint({ kind });
      tap.start(start);
      const messages: Buffer[] = [];
      sender.on('message', message => messages.push(message));
      for (let at = 0; at < ms; at += 50) {
        tap.tick(clock.nowUs(), muted);
        clock.advance(50);
      }
      // A receiver report a second; the last one has arrived when the counts agree.
      while (messages.length < Math.ceil(ms / 1000)) await once(sender, 'message');
      return messages.filter(message => message.includes(Buffer.from('81ce0002', 'hex'))).length;
    }

    it('asks for a key frame at the start, and once a second while no video comes', async () => {
      expect(await pictureLosses('video', 400, false)).to.equal(1);
      expect(await pictureLosses('video', 4000, false)).to.equal(4);
      expect(await pictureLosses('video', 4000, true)).to.equal(0);
      expect(await pictureLosses('audio', 4000, false)).to.equal(0);
    });

    it('speaks SRTP in both directions, and hears nothing else', async () => {
      const { sink, tap, sender, start, send } = await endpoint({ secured: true });
      const keyBase64 = newMasterKeyBase64();
      tap.start({ ...start, srtp: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64 } });
      const far = new SrtpSender(deriveSrtpKeys(keyBase64));
      const source = opusSource({ ssrc, payloadType, sequence: 65_534 });
      const packets = Array.from({ length: 4 }, () => source.next()).flat();
      for (const [i, packet] of packets.entries()) {
        send(packet);
        send(far.protectRtp(packet, i < 2 ? 0 : 1));
      }
      send(senderReport({ ssrc, ntpUs: 3.9e15, rtpTimestamp: 5, packetCount: 4 }));
      send(far.protectRtcp(senderReport({ ssrc, ntpUs: 3.9e15, rtpTimestamp: 5, packetCount: 4 })));
      await sink.until(4);
      while (sink.reports.length === 0) await once(sink, 'change');
      expect(sink.packets).to.deep.equal(packets);
      expect(sink.reports).to.have.length(1);
      expect(sink.counters.packetsMalformed).to.equal(5);
      tap.tick(clock.nowUs(), false);
      const [message] = (await once(sender, 'message')) as [Buffer];
      const plain = new SrtpReceiver(deriveSrtpKeys(tap.srtp?.keyBase64 ?? '')).unprotectRtcp(message);
      expect(plain?.subarray(0, 2).toString('hex')).to.equal('81c9');
    });
  });
