import { noticeKind, noticeTexts } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { UsageError } from './command.ts';

const front = z.strictObject({
  kind: noticeKind,
  version: z.coerce.number('a whole number is needed').int().positive(),
  effective: z.iso
    .date('a date such as 2027-01-31 is needed')
    .transform(date => new Date(`${date}T00:00:00Z`)),
});

export interface NoticeFile {
  kind: z.output<typeof noticeKind>;
  version: number;
  effectiveAt: Date;
  texts: z.output<typeof noticeTexts>;
}

/**
 * Reads what an operator has written: between two lines of `---` kind, version and the day from which on it holds (UTC), then
 * a section in each language, `# en: TITLE` and `# fr: TITLE`, with paragraphs below.
 * @throws UsageError that says what is wrong
 */
export function readNoticeFile(text: string): NoticeFile {
  const [, head, body] = /^---\r?\n(.*?)\r?\n---\r?\n(.*)$/s.exec(text) ?? [];
  if (head === undefined || body === undefined)
    throw new UsageError('The file has to begin with kind, version and effective between two lines of ---.');
  const lines = head.split(/\r?\n/).filter(line => line.trim() !== '');
  const fields = lines.map(line => /^(\w+):\s*(.*?)\s*$/.exec(line)?.slice(1) ?? [line, '']);
  const sections = body.split(/^# (?=\w\w: )/m).slice(1);
  const texts = sections.map(section => {
    const [, language = '', title = '', rest = ''] = /^(\w\w): (.*?)\r?\n(.*)$/s.exec(`${section}\n`) ?? [];
    return [language, { title, text: rest }] as const;
  });
  const { kind, version, effective: effectiveAt } = checked(front, Object.fromEntries(fields));
  return { kind, version, effectiveAt, texts: checked(noticeTexts, Object.fromEntries(texts)) };
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const missing = issue?.path.length === 1 && ['en', 'fr'].includes(String(issue.path[0]));
  const words = missing ? `the section “# ${String(issue.path[0])}: TITLE” is missing` : issue?.message;
  throw new UsageError(`The file says nothing that can be published: ${issue?.path.join('.')}: ${words}.`);
}
