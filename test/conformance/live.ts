import { randomUUID } from 'node:crypto';
import { setInterval } from 'node:timers/promises';
import type { RecordingReader } from '@cratersync/recorder/reader';
import type { ParticipantId } from '@cratersync/signaling/protocol';
import { type Case, LIVE_S, type Person } from './cases.ts';
import { FRAMES_A_SECOND, flashingFrames } from './flash.ts';
import type { Outgoing } from './publisher.ts';
import { type Connection, Room } from './room.ts';
import { dice, speak, type Voice, type VoicePacket } from './voices.ts';

/** What somebody sent, the truth that their stem is held against. */
export interface Sent {
  participantId: ParticipantId;
  person: Person;
  /** Of each connection. */
  packets: VoicePacket[][];
}

/** A recording, and the truth about it. */
export interface Recorded {
  reader: RecordingReader;
  /** Session time at rig time zero, s; to the millisecond of the recording's wall clock. */
  offsetS: number;
  /** Rig time at which nobody speaks any more, s. */
  untilS: number;
  sent: Map<Case, Sent[]>;
}

/** Between the last sample and the network; and for a picture. */
const ENCODING_S = 0.002;
const PICTURE_S = 0.012;

interface Planned {
  voice: Voice;
  streams: Outgoing[];
  participantId: ParticipantId;
  seed: number;
  state: 'away' | 'connecting' | Connection | 'gone';
  muted: boolean;
}

/** Lets all people of all cases speak at the same time, in one recording. */
export async function recordLive(cases: readonly Case[]): Promise<Recorded> {
  const planned: Planned[] = [];
  const sent = new Map<Case, Sent[]>();
  for (const each of cases) {
    const people: Sent[] = [];
    for (const person of each.people) people.push(await plan(person, planned));
    sent.set(each, people);
  }
  const room = await Room.open();
  try {
    await room.begin();
    const began = { monotonicMs: performance.now(), wallMs: Date.now() };
    const now = () => (performance.now() - began.monotonicMs) / 1000 - LEAD_S;
    for (const each of planned) if (each.voice.startS === 0) await connect(room, each, now);
    if (now() > -0.1) throw new Error('this machine took too long to connect everybody');
    await play(room, planned, now);
    const reader = await room.finish();
    const zeroMs = Date.parse(reader.manifest.startedAt);
    return { reader, offsetS: (began.wallMs - zeroMs) / 1000 + LEAD_S, untilS: LIVE_S, sent };
  } finally {
    await room.close();
  }
}

/** Rig time begins so long after the recording: everybody is connected by then. */
const LEAD_S = 6;
/** What is lost last is waited for, and what is underway comes. */
const TAIL_S = 2.5;

async function plan(person: Person, planned: Planned[]): Promise<Sent> {
  const participantId = randomUUID() as ParticipantId;
  const packets: VoicePacket[][] = [];
  for (const voice of person.voices) {
    const seed = planned.length + 1;
    const spoken = await speak(voice, LIVE_S, seed);
    packets.push(spoken);
    const streams = [audioOf(spoken, seed)];
    if (person.camera) streams.push(await cameraOf(voice, seed));
    planned.push({ voice, streams, participantId, seed, state: 'away', muted: false });
  }
  return { participantId, person, packets };
}

/** A packet that is not sent has no sequence number; one that is muted is dropped by the SFU, which closes the row. */
function audioOf(spoken: VoicePacket[], seed: number): Outgoing {
  let sequence = 65_000 + seed;
  const packets = spoken
    .filter(({ fate }) => fate === 'arrives' || fate === 'lost')
    .map(({ payload, timestamp, capturedS, readyS, fate }) => ({
      sequence: sequence++,
      timestamp: timestamp % 2 ** 32,
      marker: false,
      payload,
      capturedS,
      sentS: readyS + ENCODING_S,
      lost: fate === 'lost',
    }));
  return { kind: 'audio', ssrc: 1000 + seed, payloadType: 100, clockRateHz: 48_000, packets };
}

async function cameraOf({ startS }: Voice, seed: number): Promise<Outgoing> {
  const payloads = await flashingFrames(LIVE_S - startS);
  const packets = payloads.map((payload, index) => ({
    sequence: 300 + index,
    timestamp: 123_456 + index * (90_000 / FRAMES_A_SECOND),
    marker: true,
    payload,
    capturedS: startS + index / FRAMES_A_SECOND,
    sentS: startS + index / FRAMES_A_SECOND + PICTURE_S,
    lost: false,
  }));
  return { kind: 'video', ssrc: 5000 + seed, payloadType: 101, clockRateHz: 90_000, packets };
}

async function connect(room: Room, planned: Planned, now: () => number): Promise<void> {
  const { voice, participantId, streams, seed } = planned;
  const random = dice(1000 + seed);
  const { delayMs, reports, wallOffsetS } = voice;
  planned.state = 'connecting';
  planned.state = await room.connect(participantId, streams, {
    path: { delayMs, jitterMs: () => voice.jitterMs(random()) },
    reporting: reports === null ? null : { ...reports, wallOffsetS },
    now,
  });
}

/** What people do besides speaking is done this much before or after, as signaling has another way than media. */
const CONNECT_BEFORE_S = 0.5;
const SIGNALING_S = 0.06;

async function play(room: Room, planned: Planned[], now: () => number): Promise<void> {
  const acts: Promise<unknown>[] = [];
  for await (const _ of setInterval(2)) {
    const nowS = now();
    for (const each of planned) {
      const act = live(room, each, now);
      if (act !== null) acts.push(act);
    }
    if (nowS >= LIVE_S + TAIL_S) break;
  }
  await Promise.all(acts);
}

/** @returns what has begun and takes its time; null for nothing but sending */
function live(room: Room, planned: Planned, now: () => number): Promise<unknown> | null {
  const { voice, state } = planned;
  const nowS = now();
  if (state === 'away') return nowS < voice.startS - CONNECT_BEFORE_S ? null : connect(room, planned, now);
  if (state === 'connecting' || state === 'gone') return null;
  state.publisher.advance(nowS);
  const toldS = nowS - SIGNALING_S;
  if (toldS >= voice.endS + voice.delayMs / 1000) {
    planned.state = 'gone';
    return room.leave(state);
  }
  const muted = voice.muted !== null && toldS >= voice.muted.fromS && nowS < voice.muted.toS;
  const [trackId] = state.trackIds;
  if (muted === planned.muted || trackId === undefined) return null;
  planned.muted = muted;
  return room.mute(trackId, muted);
}
