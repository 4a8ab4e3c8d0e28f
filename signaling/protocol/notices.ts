import { z } from 'zod';

/** What may change so that people have to be told. */
export const noticeKind = z.enum(['privacy', 'terms', 'sub-processors']);
export type NoticeKind = z.output<typeof noticeKind>;

/** So long before a change is in force it is announced; the database refuses less. */
export const NOTICE_AHEAD_MS = 30 * 24 * 3_600_000;

const version = z.strictObject({
  title: z.string().trim().min(1, 'a title is needed').max(200, 'at most 200 characters'),
  text: z.string().trim().min(1, 'a text is needed').max(10_000, 'at most 10 000 characters'),
});
/** The same in every language that we write. */
export const noticeTexts = z.strictObject({ en: version, fr: version });
export type NoticeTexts = z.output<typeof noticeTexts>;
