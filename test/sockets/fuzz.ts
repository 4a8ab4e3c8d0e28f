import { ROOM_NAMESPACE, roomCommands } from '@cratersync/signaling/protocol';

type Random = () => number;
/** One thing to send: text frames and binary ones. */
export type Hostile = (string | Uint8Array<ArrayBuffer>)[];

const commands = Object.keys(roomCommands);
const strangeNames = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'then',
  'announce',
  'rooms.lost',
  'recording.finalized',
  '',
  ' join',
  'JOIN',
  'x'.repeat(5000),
  '\u0000',
  '😀',
];
/** socket.io's own: a client may not send them as events. */
const reservedNames = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];

const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};
const count = (random: Random, below: number) => Math.floor(random() * below);

function scalar(random: Random): unknown {
  return pick(random, [
    null,
    true,
    0,
    -1,
    1e308,
    0.1,
    '',
    'x',
    'not-an-id',
    '00000000-0000-4000-8000-000000000000',
    'x'.repeat(count(random, 3000)),
    '‮\ud800',
  ]);
}

/** Fields that are expected somewhere, so that schemas are passed in part; and some that must never be. */
const fields = [
  ...[
    'transportId',
    'producerId',
    'consumerId',
    'participantId',
    'participantIds',
    'direction',
    'role',
    'resume',
  ],
  ...[
    'lobby',
    'locked',
    'source',
    'paused',
    'rtpParameters',
    'rtpCapabilities',
    'dtlsParameters',
    'length',
    'then',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toJSON', '_placeholder', 'num'],
];

function value(random: Random, depth: number): unknown {
  if (depth === 0 || random() < 0.4) return scalar(random);
  if (random() < 0.3) return Array.from({ length: count(random, 6) }, () => value(random, depth - 1));
  return object(random, depth);
}

/** With own properties of every name, `__proto__` among them. */
function object(random: Random, depth: number): unknown {
  const entries = Array.from(
    { length: count(random, 6) },
    () => `${JSON.stringify(pick(random, fields))}:${JSON.stringify(value(random, depth - 1) ?? null)}`,
  );
  return new Raw(`{${entries.join(',')}}`);
}

/** JSON that is already text: an object with a `__proto__` of its own cannot be written otherwise. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

const event = (id: string, json: string) => `42${ROOM_NAMESPACE},${id}${json}`;
const textOf = (body: unknown) => (body instanceof Raw ? body.text : JSON.stringify(body));

/** Ids that mean something to whoever sends them, or to others only. */
export interface Known {
  own: readonly string[];
  foreign: readonly string[];
}

/** What a command asks for, nearly: the shapes are right, and what they name may be anybody's. */
function nearly(random: Random, known: Known): [string, unknown] {
  const id = pick(random, random() < 0.5 ? known.own : known.foreign);
  // What would end the attack: nobody is to be sent out, and who waits is to go on waiting.
  const foreign = pick(random, known.foreign);
  const shapes: [string, unknown][] = [
    ['join', { resume: random() < 0.5 ? [] : [id] }],
    ['transport.create', { direction: pick(random, ['send', 'receive']) }],
    ['transport.connect', { transportId: id, dtlsParameters: value(random, 4) }],
    ['producer.open', { transportId: id, source: 'mic', paused: false, rtpParameters: value(random, 5) }],
    ['producer.pause', { producerId: id }],
    ['consumer.open', { transportId: id, producerId: id, rtpCapabilities: value(random, 5) }],
    ['consumer.resume', { consumerId: id }],
    ['person.mute', { participantId: id }],
    ['person.remove', { participantId: foreign }],
    ['person.set-role', { participantId: id, role: pick(random, ['co-host', 'guest', 'host']) }],
    ['lobby.admit', { participantIds: [foreign] }],
    ['session.configure', { lobby: true }],
  ];
  return pick(random, shapes);
}

type Kind = (random: Random, known: Known) => Hostile;

/** How often each comes, in a thousand; those below break their connection, which has to be made anew. */
const kinds: readonly [number, Kind][] = [
  [300, random => [event('7', `[${JSON.stringify(pick(random, commands))},${textOf(value(random, 4))}]`)]],
  [250, (random, known) => [event('8', JSON.stringify(nearly(random, known)))]],
  [
    100,
    random => [event('9', `[${JSON.stringify(pick(random, strangeNames))},${textOf(value(random, 3))}]`)],
  ],
  // Without an acknowledgement, or with more arguments than one.
  [80, random => [event('', `[${JSON.stringify(pick(random, commands))},${textOf(value(random, 3))}]`)]],
  [
    60,
    random => [
      event('1', `[${JSON.stringify(pick(random, commands))},1,2,{},[],${textOf(value(random, 2))}]`),
    ],
  ],
  // Nested as deep as 64 KiB hold, and arrays as long.
  [20, random => [event('2', `["join",${nested(random)}]`)]],
  [20, random => [event('3', `["lobby.admit",{"participantIds":[${'0,'.repeat(count(random, 20_000))}0]}]`)]],
  [
    30,
    random => [
      event(
        '4',
        `["consumer.open",{"transportId":"x","producerId":"x","rtpCapabilities":${nested(random)}}]`,
      ),
    ],
  ],
  // Acknowledgements of what nobody asked.
  [60, random => [`43${ROOM_NAMESPACE},${count(random, 1000)}${textOf([value(random, 3)])}`]],
  [30, random => [`451-${ROOM_NAMESPACE},5["join",{"_placeholder":true,"num":0}]`, bytes(random)]],
  [10, () => ['42/nodes,1["announce",{"rooms":[]}]', '42,1["join",{}]']],
  [20, random => [event('6', `[${count(random, 9)},{}]`)]],
  [3, random => [event('1', `["${pick(random, reservedNames)}",{}]`)]],
  [3, random => [event('1', `["join",${textOf(value(random, 3))}`)]],
  [
    3,
    random => [
      `45${count(random, 99)}-${ROOM_NAMESPACE},["join",{"_placeholder":true,"num":${count(random, 9)}}]`,
      bytes(random),
    ],
  ],
  [3, random => [`4${count(random, 10)}${ROOM_NAMESPACE},${textOf(value(random, 2))}`]],
  [3, random => [`${count(random, 10)}${String.fromCharCode(count(random, 0xffff))}`]],
  [3, random => [bytes(random), bytes(random)]],
  [2, () => [event('1', `["join",{"resume":["${'x'.repeat(70_000)}"]}]`)]],
];
const total = kinds.reduce((sum, [share]) => sum + share, 0);

function nested(random: Random): string {
  const depth = 1 + count(random, 10_000);
  return random() < 0.5
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function bytes(random: Random): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count(random, 300) }, () => count(random, 256));
}

/** The next message. */
export function hostile(random: Random, known: Known): Hostile {
  let at = random() * total;
  for (const [share, make] of kinds) {
    at -= share;
    if (at < 0) return make(random, known);
  }
  return [];
}
