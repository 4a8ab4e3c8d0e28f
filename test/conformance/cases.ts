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
}

const STEM_TO_STEM_MS = 5;
/** Without reports that can be used, nothing tells how long the way to the SFU takes. */
const WITHOUT_REPORTS_MS = 20;

const voice = (how: Partial<Voice>): Voice => ({ ...plainVoice, ...how });
const person = (...voices: Voice[]): Person => ({ voices, camera: false });
const one = (name: string, how: Partial<Voice>, gateMs = STEM_TO_STEM_MS): Case => ({
  name,
  people: [person(voice(how))],
  gateMs,
});

/** How long the live cases speak, s. */
export const LIVE_S = 44;
/** All other stems are compared with its. */
export const REFERENCE = 'skew 0 ppm';

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
  {
    name: 'wall clocks hours apart',
    people: [person(voice({ wallOffsetS: -5 * 3600 })), person(voice({ wallOffsetS: 11 * 3600 }))],
    gateMs: STEM_TO_STEM_MS,
  },
  one('5 % random loss', { skewPpm: 50, lost: (_, random) => random < 0.05 }),
  one('5 % loss in bursts', { skewPpm: -50, lost: bursts() }),
  one('200 ms jitter', { jitterMs: random => 200 * random ** 4, skewPpm: 30 }),
  {
    name: 'uplinks of 40 and 300 ms',
    people: [person(voice({ delayMs: 40 })), person(voice({ delayMs: 300 }))],
    gateMs: STEM_TO_STEM_MS,
  },
  one('mute of 1 s', { muted: { fromS: 20.21, toS: 21.21 } }),
  one('late join', { startS: 15.37, skewPpm: 200 }),
  {
    name: 'leaves and returns with another SSRC and clock',
    people: [
      person(
        voice({ endS: 17.5, skewPpm: -200, wallOffsetS: 60 }),
        voice({ startS: 22.3, skewPpm: 300, wallOffsetS: -7000, firstTimestamp: 77 }),
      ),
    ],
    gateMs: STEM_TO_STEM_MS,
  },
  one('wrong first Sender Report', { reports: { everyS: 1, firstIsWrong: true } }, WITHOUT_REPORTS_MS),
  one(
    'no Sender Reports',
    { reports: null, delayMs: 10, jitterMs: random => 30 * random },
    WITHOUT_REPORTS_MS,
  ),
  one('Sender Reports every 5 s', { reports: { everyS: 5, firstIsWrong: false }, delayMs: 60 }),
  one('DTX', { dtx: true }),
  one('device change from 48 to 44.1 kHz', {
    skewPpm: 60,
    deviceChange: { atS: 21.4, silentS: 0.17, skewPpm: -140 },
  }),
  {
    name: 'lips',
    people: [{ voices: [voice({ delayMs: 80, skewPpm: 100 })], camera: true }],
    gateMs: STEM_TO_STEM_MS,
  },
];
