import { plainVoice, type Voice } from './voices.ts';

export interface Person {
  /** One connection after the other. */
  voices: Voice[];
  camera: boolean;
}

export interface Case {
  name: string;
  people: Person[];
  /** How far its stems may lie from the others', ms. */
  gateMs: number;
  /** At least so many chirps come whole to each of its stems. */
  expectChirps: number;
}

export const STEM_TO_STEM_MS = 5;
/** Where reports cannot be used, or not be trusted: nothing else tells how long the way to the SFU takes. */
export const UNSTEADY_MS = 20;

const voice = (how: Partial<Voice>): Voice => ({ ...plainVoice, ...how });
const person = (...voices: Voice[]): Person => ({ voices, camera: false });
const all = (name: string, people: Person[]): Case => ({
  name,
  people,
  gateMs: STEM_TO_STEM_MS,
  expectChirps: 20,
});
const one = (name: string, how: Partial<Voice>): Case => all(name, [person(voice(how))]);
const unsteady = (of: Case): Case => ({ ...of, gateMs: UNSTEADY_MS });

/** How long people speak, s: with a real SFU, and where the network is made up. */
export const LIVE_S = 44;
export const FAKED_S = 84;

/** Runs of losses of 3 to 10 packets, one in twenty packets altogether. */
function bursts(): Voice['lost'] {
  let left = 0;
  return (_, random) => {
    if (left > 0) {
      left -= 1;
      return true;
    }
    if (random >= 0.008) return false;
    left = 2 + Math.floor((random / 0.008) * 8);
    return true;
  };
}

/** Passed through a real SFU and recorder, all at once. */
export const liveCases = (): Case[] => [
  ...[-500, -100, 0, 100, 500].map(skewPpm =>
    one(`skew ${skewPpm > 0 ? '+' : ''}${skewPpm} ppm`, { skewPpm }),
  ),
  all('wall clocks hours apart', [
    person(voice({ wallOffsetS: -5 * 3600 })),
    person(voice({ wallOffsetS: 11 * 3600 })),
  ]),
  one('5 % random loss', { skewPpm: 50, lost: (_, random) => random < 0.05 }),
  one('5 % loss in bursts', { skewPpm: -50, lost: bursts() }),
  // Its reports jitter, too.
  one('200 ms jitter', { jitterMs: random => 200 * random ** 4, skewPpm: 30 }),
  all('uplinks of 40 and 300 ms', [person(voice({ delayMs: 40 })), person(voice({ delayMs: 300 }))]),
  one('mute of 1 s', { muted: { fromS: 20.21, toS: 21.21 } }),
  one('late join', { startS: 15.37, skewPpm: 200 }),
  all('leaves and returns with another SSRC and clock', [
    person(
      voice({ endS: 17.5, skewPpm: -200, wallOffsetS: 60 }),
      voice({ startS: 22.3, skewPpm: 300, wallOffsetS: -7000, firstTimestamp: 77 }),
    ),
  ]),
  unsteady(one('wrong first Sender Report', { reports: { everyS: 1, firstIsWrong: true } })),
  unsteady(one('no Sender Reports', { reports: null, delayMs: 10, jitterMs: random => 30 * random })),
  one('Sender Reports every 5 s', { reports: { everyS: 5, firstIsWrong: false }, delayMs: 60 }),
  one('DTX', { dtx: true }),
  one('device change from 48 to 44.1 kHz', {
    skewPpm: 60,
    deviceChange: { atS: 21.4, silentS: 0.17, skewPpm: -140 },
  }),
  all('lips', [{ voices: [voice({ delayMs: 80, skewPpm: 100 })], camera: true }]),
];

/** Too long for real time to pass: what a recorder would have journaled, made up. */
export const fakedCases = (): Case[] => [
  one('plain', {}),
  one('another', { skewPpm: 20 }),
  one('mute of 60 s', { muted: { fromS: 10.41, toS: 70.41 }, skewPpm: -100 }),
];
