import { z } from 'zod';
import { noticeId } from './ids.ts';
import { noticeKind, noticeTexts } from './notices.ts';

/** Shapes of what is announced to organizations: changes of the terms, of the privacy policy, of who works for us. */

const at = z.iso.datetime({ offset: true });

export const notice = z.object({
  noticeId,
  kind: noticeKind,
  version: z.number(),
  announcedAt: at,
  /** From when on it holds: 30 days after it was announced, or later. */
  effectiveAt: at,
  /** `announced`: it will hold; `past`: another version holds by now */
  state: z.enum(['announced', 'in-force', 'past']),
  texts: noticeTexts,
  /** The owners who have taken note, the first one first. */
  acknowledgements: z.array(z.object({ by: z.string(), at })),
  /** Whoever asks is an owner, and has still to take note. */
  isPending: z.boolean(),
});
// GET /notices → the newest first
export const noticeList = z.object({ notices: z.array(notice) });
// POST /notices/:noticeId/acknowledgement → 204

export type NoticeList = z.output<typeof noticeList>;
export type Announcement = z.output<typeof notice>;
