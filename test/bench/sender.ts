// sender.ts CLIPS: the SFU's part of a benchmark, in a process of its own, so that its CPU time is not counted with
// the receiver's. It takes the commands of traffic.ts over IPC and ends with its parent.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { senderReport } from '../support/rtp.ts';
import { type Clip, loadClips } from './clips.ts';
import type { Command, Counted, Outgoing, Target } from './traffic.ts';

const TURN_MS = 4;
const REPORT_MS = 1000;
/** NTP counts from 1900. */
const NTP_OFFSET_US = 2_208_988_800_000_000;
const RTP_HEAD_BYTES = 12;

interface Track extends Outgoing {
  socket: Socket;
  clip: Clip;
  /** The clip's packets with room for their RTP heads, which are written anew for every track and turn. */
  packets: Buffer[][];
  target: Target;
  startMs: number;
  /** Units sent. */
  sent: number;
  packetsSent: number;
  payloadBytesSent: number;
  sequence: number;
  reportDueMs: number;
}

const clips = await loadClips(process.argv[2] ?? '');
const packetsOf = new Map([clips.audio, clips.video].map(clip => [clip, withHeads(clip)]));
const reports = createSocket('udp4');
let tracks: Track[] = [];
let speed = 1;
let behindMs = 0;

setInterval(sendDue, TURN_MS);
process.on('disconnect', () => process.exit(0));
process.on('message', (message: { id: number; command: Command }) => {
  void answer(message.command).then(result => process.send?.({ id: message.id, result }));
});
process.send?.({ ready: true });

async function answer(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'open': {
      const firstSsrc = 10_000 + tracks.length;
      const opened = command.kinds.map((kind, index) => openTrack(kind, firstSsrc + index));
      return { opened: await Promise.all(opened) };
    }
    case 'start':
      return start(command.outgoing, command.targets, command.speed);
    case 'count':
      return count();
    case 'stop': {
      const counted = count();
      for (const socket of [...tracks.map(track => track.socket), ...waiting.values()]) socket.close();
      tracks = [];
      waiting.clear();
      return counted;
    }
  }
}

const waiting = new Map<number, Socket>();

async function openTrack(kind: Outgoing['kind'], ssrc: number): Promise<Outgoing> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 4 << 20 });
  // Feedback is thrown away: what is lost on the way is lost.
  socket.on('message', () => {});
  // A receiver that has closed its port comes back as an error of the next packet.
  socket.on('error', () => {});
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  waiting.set(ssrc, socket);
  return { kind, ssrc, payloadType: kind === 'audio' ? 100 : 101, port: socket.address().port };
}

/** Tracks start one after another over three seconds, so that their keyframes do not come all at once. */
async function start(outgoing: Outgoing[], targets: Target[], newSpeed: number): Promise<void> {
  speed = newSpeed;
  const nowMs = performance.now();
  for (const [index, description] of outgoing.entries()) {
    const socket = waiting.get(description.ssrc);
    const target = targets[index];
    if (socket === undefined || target === undefined)
      throw new Error('a track was started before it was opened');
    waiting.delete(description.ssrc);
    // Connected, a packet is with the kernel when send() returns, and its buffer can be used for the next.
    socket.connect(target.port, target.ip);
    await once(socket, 'connect');
    const clip = description.kind === 'audio' ? clips.audio : clips.video;
    const startMs = nowMs + (index * 3000) / outgoing.length / speed;
    tracks.push({
      ...description,
      socket,
      clip,
      packets: packetsOf.get(clip) ?? [],
      target,
      startMs,
      sent: 0,
      packetsSent: 0,
      payloadBytesSent: 0,
      sequence: description.ssrc & 0xffff,
      reportDueMs: startMs + REPORT_MS / 2,
    });
  }
}

function sendDue(): void {
  const nowMs = performance.now();
  for (const track of tracks) {
    const { clip, startMs } = track;
    if (nowMs < startMs) continue;
    const mediaS = ((nowMs - startMs) / 1000) * speed;
    for (let at = mediaSOf(track); at <= mediaS; at = mediaSOf(track)) {
      behindMs = Math.max(behindMs, ((mediaS - at) * 1000) / speed);
      sendUnit(track, Math.round(at * clip.clockRateHz));
    }
    if (nowMs >= track.reportDueMs) sendReport(track, mediaS);
  }
}

/** Media time of the next unit. */
function mediaSOf({ clip, sent }: Track): number {
  const { units, seconds } = clip;
  return Math.floor(sent / units.length) * seconds + (units[sent % units.length]?.mediaS ?? 0);
}

function sendUnit(track: Track, timestamp: number): void {
  const packets = track.packets[track.sent % track.packets.length] ?? [];
  for (const packet of packets) {
    packet.writeUInt16BE(track.sequence, 2);
    packet.writeUInt32BE(timestamp % 2 ** 32, 4);
    packet.writeUInt32BE(track.ssrc, 8);
    track.socket.send(packet);
    track.sequence = (track.sequence + 1) & 0xffff;
    track.payloadBytesSent += packet.length - RTP_HEAD_BYTES;
  }
  track.packetsSent += packets.length;
  track.sent += 1;
}

function sendReport(track: Track, mediaS: number): void {
  track.reportDueMs += REPORT_MS;
  const { ssrc, clip, socket, target } = track;
  const rtpTimestamp = Math.round(mediaS * clip.clockRateHz);
  const ntpUs = NTP_OFFSET_US + (performance.timeOrigin + performance.now()) * 1000;
  const packet = senderReport({ ssrc, ntpUs, rtpTimestamp, packetCount: track.packetsSent });
  if (target.rtcpPort === target.port) socket.send(packet);
  else reports.send(packet, target.rtcpPort, target.ip);
}

function count(): Counted {
  const total = (key: 'packetsSent' | 'payloadBytesSent') =>
    tracks.reduce((sum, track) => sum + track[key], 0);
  const counted = { packets: total('packetsSent'), payloadBytes: total('payloadBytesSent'), behindMs };
  behindMs = 0;
  return counted;
}

function withHeads(clip: Clip): Buffer[][] {
  const payloadType = clip === clips.audio ? 100 : 101;
  return clip.units.map(({ payloads }) =>
    payloads.map((payload, index) => {
      const packet = Buffer.alloc(RTP_HEAD_BYTES + payload.length);
      const isLast = clip === clips.video && index === payloads.length - 1;
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8((isLast ? 0x80 : 0) | payloadType, 1);
      packet.set(payload, RTP_HEAD_BYTES);
      return packet;
    }),
  );
}
