import type { Language } from '../protocol/index.ts';

export interface Message {
  subject: string;
  text: string;
  html: string;
  /** As nodemailer takes them. */
  attachments?: { filename: string; content: string; contentType: string }[];
}

/** To whom a message goes, and how they want to read it. */
export interface Reader {
  email: string;
  language: Language;
  /** null: it is not known, and times are told in UTC */
  timeZone: string | null;
}

export type Paragraph = string | { link: string } | { code: string };

const escaped = (text: string) => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

/** One message in its two forms. No colours of its own: mail programs show it light or dark as their reader likes. */
export function letter(paragraphs: Paragraph[], language: Language = 'en'): Pick<Message, 'text' | 'html'> {
  const text = paragraphs.map(each => {
    if (typeof each === 'string') return each;
    return `    ${'link' in each ? each.link : each.code}`;
  });
  const html = paragraphs.map(each => {
    if (typeof each === 'string') return `<p>${escaped(each)}</p>`;
    if ('link' in each) return `<p><a href="${escaped(each.link)}">${escaped(each.link)}</a></p>`;
    return `<p style="font-size:2rem;letter-spacing:.25em;font-weight:600">${escaped(each.code)}</p>`;
  });
  return {
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:32rem">
${html.join('\n')}</body></html>`,
  };
}

interface Version {
  subject: string;
  paragraphs: Paragraph[];
}

/** The version in a reader's language. */
export function inLanguage(language: Language, versions: Record<Language, Version>): Message {
  const { subject, paragraphs } = versions[language];
  if (language === 'en') return { subject, ...letter(paragraphs) };
  const set = paragraphs.map(each => (typeof each === 'string' ? spaced(each) : each));
  return { subject: spaced(subject), ...letter(set, language) };
}

/** French sets a space before these signs that no line may be broken at. */
export const spaced = (text: string) => text.replace(/ ([?!:;»])/g, '\u00a0$1').replace(/« /g, '«\u00a0');

const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' };

/** The day where the reader is: "25 November 2026". French counts the first day only: "1er novembre 2026". */
export function dayFor({ language, timeZone }: Pick<Reader, 'language' | 'timeZone'>, at: Date): string {
  const format = new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'long',
    timeZone: timeZone ?? 'UTC',
  });
  return language === 'fr' ? format.format(at).replace(/^1(?= )/, '1er') : format.format(at);
}

/** @param amount in the currency's smallest unit */
export function moneyFor({ language }: Pick<Reader, 'language'>, amount: number, currency: string): string {
  const format = new Intl.NumberFormat(locales[language], { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** An instant where the reader is, with the zone: "25 November 2026 at 10:15 CET". */
export function dateTimeFor({ language, timeZone }: Pick<Reader, 'language' | 'timeZone'>, at: Date): string {
  return new Intl.DateTimeFormat(locales[language], {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: timeZone ?? 'UTC',
    timeZoneName: 'short',
  }).format(at);
}
