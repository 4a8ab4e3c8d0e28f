/** Which part of a recording is shown. Pure. */
export interface View {
  startS: number;
  lengthS: number;
}

const SHORTEST_S = 4;

/** Shows more or less around a place, which stays where it is on the screen. */
export function zoomed(view: View, factor: number, aroundS: number, durationS: number): View {
  const lengthS = Math.min(durationS, Math.max(Math.min(SHORTEST_S, durationS), view.lengthS * factor));
  const share = (aroundS - view.startS) / view.lengthS;
  const centred = share >= 0 && share <= 1 ? share : 0.5;
  return clamped({ startS: aroundS - centred * lengthS, lengthS }, durationS);
}

export const moved = (view: View, byS: number, durationS: number): View =>
  clamped({ ...view, startS: view.startS + byS }, durationS);

/** Turns the page when a place has left what is shown. */
export function following(view: View, placeS: number, durationS: number): View {
  if (placeS >= view.startS && placeS <= view.startS + view.lengthS) return view;
  return clamped({ ...view, startS: placeS - view.lengthS * 0.1 }, durationS);
}

const clamped = ({ startS, lengthS }: View, durationS: number): View => ({
  startS: Math.max(0, Math.min(startS, durationS - lengthS)),
  lengthS,
});

const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** Where the time is written: at round times, not more than fit. */
export function ticks({ startS, lengthS }: View, most: number): number[] {
  const step = STEPS_S.find(each => lengthS / each <= most) ?? 7200;
  const first = Math.ceil(startS / step);
  const count = Math.floor((startS + lengthS) / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
}
