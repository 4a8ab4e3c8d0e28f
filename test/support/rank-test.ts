/**
 * How far two samples are from having come out of one distribution, in standard deviations: the Mann–Whitney U test
 * by its normal approximation, good from some 20 values each (Mann and Whitney 1947). 0: not at all; beyond ±4 by chance
 * once in 16,000 times.
 */
export function rankDistance(a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a.length, b.length];
  let u = 0;
  for (const x of a) for (const y of b) u += x > y ? 1 : x === y ? 0.5 : 0;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}
