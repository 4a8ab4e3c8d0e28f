import { z } from 'zod';

const count = z.number();
const common = {
  version: z.string(),
  pid: count,
  upS: count,
  mail: z.record(z.string(), count).nullable(),
  keys: z.record(z.string(), count).nullable(),
};

/** What each process says at `GET /status` of its metrics port. */
export const processStatus = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('signaling'),
    ...common,
    rooms: count,
    people: count,
    waiting: count,
    recording: count,
    health: z.object({
      ok: z.boolean(),
      processes: z.record(z.string(), z.object({ ready: z.boolean(), reason: z.string().nullable() })),
    }),
  }),
  z.object({
    name: z.literal('sfu'),
    ...common,
    workers: count,
    producers: count,
    taps: count,
  }),
  z.object({
    name: z.literal('recorder'),
    ...common,
    recordings: z.array(
      z.object({
        recordingId: z.string(),
        phase: z.string(),
        tracks: z.object({ audio: count, video: count }),
        elapsedMs: count,
        lagMs: count,
      }),
    ),
    backlog: z.object({ chunks: count, bytes: count }),
    stalled: count,
    disk: z.object({ freeBytes: count, totalBytes: count }),
    diskAway: z.boolean(),
  }),
  z.object({
    name: z.literal('worker'),
    ...common,
    jobs: z.array(z.object({ name: z.string(), waiting: count, givenUp: count, oldestS: count })),
    givenUpLetters: count,
  }),
]);
export type ProcessStatus = z.output<typeof processStatus>;

/** A process that was asked, and what it said; null when it did not answer. */
export interface Asked {
  url: string;
  said: ProcessStatus | null;
}

export interface Report {
  atMs: number;
  asked: Asked[];
  /** undefined: nobody has said where backups are. */
  backup: { name: string; atMs: number } | null | undefined;
}
