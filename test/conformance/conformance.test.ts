import { expect } from 'chai';
import { type Case, fakedCases, liveCases, STEM_TO_STEM_MS } from './cases.ts';
import { recordFaked } from './faked.ts';
import { GAP_EDGE_MS, judge, type Outcome } from './judge.ts';
import { recordLive } from './live.ts';
import { judgeLong } from './long.ts';
import { report } from './report.ts';

/** Sound may come before its picture, and after it, by so much (ATSC IS-191). */
const SOUND_EARLY_MS = 15;
const SOUND_LATE_MS = 45;

describe('stems against the truth', () => {
  let worstPairMs = Number.NaN;
  const outcomes = new Map<string, Outcome>();
  const keep = (found: readonly Outcome[]) => {
    for (const outcome of found) outcomes.set(outcome.case.name, outcome);
  };
  const outcomeOf = (name: string): Outcome => {
    const outcome = outcomes.get(name);
    if (outcome === undefined) throw new Error(`${name} was not recorded`);
    return outcome;
  };

  before('all people speak', async function () {
    this.timeout(240_000);
    const live = await judge(await recordLive(liveCases()));
    worstPairMs = live.worstPairMs;
    keep([...live.outcomes, ...(await judge(await recordFaked(fakedCases()))).outcomes]);
  });
  after(() => report.finish());

  const holds = ({ name, gateMs, expectChirps }: Case) => {
    it(`line up within ${gateMs} ms, and tell their gaps: ${name}`, () => {
      const { worstMs, chirps, unheard, gapFaults, fits } = outcomeOf(name);
      report.line(name, worstMs, `over ${chirps} chirps;${fits}`);
      expect(unheard, 'chirps that are not where they belong, s').to.deep.equal([]);
      expect(chirps).to.be.at.least(expectChirps);
      expect(worstMs).to.be.at.most(gateMs);
      expect(gapFaults).to.deep.equal([]);
    });
  };
  for (const each of liveCases()) holds(each);
  for (const each of fakedCases().slice(-1)) holds(each);

  it(`hold any two of all those stems within ${STEM_TO_STEM_MS} ms of each other`, () => {
    report.line('any two stems', worstPairMs, 'of those whose senders report, at the same chirp');
    expect(worstPairMs).to.be.at.most(STEM_TO_STEM_MS);
  });

  it('keep lips and voice together', () => {
    const [leastMs, mostMs] = outcomeOf('lips').soundAheadMs ?? [Number.NaN, Number.NaN];
    report.line(
      'audio to video',
      Math.max(Math.abs(leastMs), Math.abs(mostMs)),
      `sound ahead by ${leastMs.toFixed(1)} to ${mostMs.toFixed(1)} ms`,
    );
    expect(mostMs).to.be.at.most(SOUND_EARLY_MS);
    expect(leastMs).to.be.at.least(-SOUND_LATE_MS);
  });

  it(`begin and end each gap within ${GAP_EDGE_MS} ms of the truth`, () => {
    const edges = [...outcomes.values()].flatMap(({ gapEdgeMs }) => (gapEdgeMs === null ? [] : [gapEdgeMs]));
    const worstMs = Math.max(...edges);
    report.line('edges of gaps', worstMs, `in ${edges.length} cases`);
    expect(worstMs).to.be.at.most(GAP_EDGE_MS);
  });

  it('are equally long, to the sample', () => {
    const live = liveCases().flatMap(({ name }) => outcomeOf(name).samples);
    expect(new Set(live).size).to.equal(1);
  });

  for (const skewPpm of [-500, 500])
    it(`stay in place for 3 hours at ${skewPpm} ppm, with 5 % of the packets lost`, async function () {
      this.timeout(120_000);
      const worstMs = await judgeLong({ hours: 3, skewPpm, wanderPpm: 3 });
      report.line(
        `3 hours at ${skewPpm > 0 ? '+' : ''}${skewPpm} ppm`,
        worstMs,
        'from the truth; faster than real time',
      );
      expect(worstMs).to.be.at.most(STEM_TO_STEM_MS);
    });
});
