import { z } from 'zod';
import { markerId } from './ids.ts';

/** A place that somebody has given a name. */
export const marker = z.object({
  markerId,
  /** Since the recording began. */
  atMs: z.number(),
  name: z.string(),
  /** What the person was called. */
  madeBy: z.string(),
});
/** As many as a recording may have: more than anybody names, and few enough for a page and a project. */
export const MOST_MARKERS = 1000;
export const markerName = z.string().trim().max(200, 'at most 200 characters');

export type Marker = z.output<typeof marker>;
