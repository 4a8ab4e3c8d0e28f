import { localization } from './i18n/language.ts';

/** Figures and times as the person's language writes them. */

const two = (n: number) => String(n).padStart(2, '0');

/** mm:ss, or h:mm:ss from one hour on: the same in all languages. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return hours === 0 ? tail : `${hours}:${tail}`;
}

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal units, as file managers and download bars show them. */
export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return inUnits(value, sizeUnits[unit] ?? 'byte', digits, unit === 0 ? 'long' : 'short');
}

/** `duration(7, 'day')`: "7 days", "7 jours". */
export const duration = (n: number, unit: 'second' | 'minute' | 'hour' | 'day' | 'week' | 'year'): string =>
  inUnits(n, unit, 0, 'long');

/** "0.4 s" */
export const seconds = (n: number): string => inUnits(n, 'second', 1, 'short').replace('sec', 's');

function inUnits(n: number, unit: string, digits: number, unitDisplay: 'long' | 'short'): string {
  const { locale } = localization.get();
  const figures = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay, ...figures }).format(n);
}

/** `share` from 0 to 1: "40%", "40 %" */
export const percent = (share: number): string =>
  new Intl.NumberFormat(localization.get().locale, { style: 'percent' }).format(share);

export const figure = (n: number, digits: number): string =>
  new Intl.NumberFormat(localization.get().locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(n);

/** "A, B and C" */
export const listed = (items: readonly string[]): string =>
  new Intl.ListFormat(localization.get().locale).format(items);

let zone: string | undefined;

/** @param timeZone IANA name; null, and one that this browser does not know: the browser's own */
export function showTimesIn(timeZone: string | null): void {
  try {
    zone = new Intl.DateTimeFormat('en', { timeZone: timeZone ?? undefined }).resolvedOptions().timeZone;
  } catch {
    zone = undefined;
  }
}
/** Where this browser is, by its own account. */
export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Hours and minutes. */
export const timeOfDay = (at: Date): string => inZone(at, { hour: 'numeric', minute: '2-digit' });

export const dateTime = (iso: string): string =>
  inZone(new Date(iso), { dateStyle: 'medium', timeStyle: 'short' })
    // No line is broken within a time: "14 h 05".
    .replace(/(\d) h (\d)/, '$1\u00a0h\u00a0$2');

export const day = (iso: string): string => asOrdinal(inZone(new Date(iso), { dateStyle: 'long' }));

/** The day, or the month, that it is in UTC: what is counted by calendar months. */
export const utcDay = (iso: string): string => asOrdinal(inUtc(iso, { dateStyle: 'long' }));
export const utcMonth = (iso: string): string => inUtc(iso, { month: 'long', year: 'numeric' });

const inUtc = (iso: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(localization.get().locale, { ...options, timeZone: 'UTC' }).format(new Date(iso));

/** French counts the first day only: "1er novembre". */
const asOrdinal = (date: string): string =>
  localization.get().language === 'fr' ? date.replace(/^1(?= )/, '1er') : date;

/** @param amount in the currency's smallest unit; whole sums without their zeros */
export function money(amount: number, currency: string): string {
  const { locale } = localization.get();
  const options = { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' } as const;
  const format = new Intl.NumberFormat(locale, options);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const inZone = (at: Date, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(localization.get().locale, {
    ...options,
    ...(zone !== undefined && { timeZone: zone }),
  }).format(at);
