/** Figures and times in words. Pure, but for the time zone in which a person wants to be shown times. */

const two = (n: number) => String(n).padStart(2, '0');

/** mm:ss, or h:mm:ss from one hour on. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return hours === 0 ? tail : `${hours}:${tail}`;
}

/** Decimal units, as file managers and download bars show them. */
export function fileSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

const dateAndTimeIn = (timeZone?: string) =>
  new Intl.DateTimeFormat('en', {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone !== undefined && { timeZone }),
  });
let dateAndTime = dateAndTimeIn();

/** @param timeZone IANA name; null, and one that this browser does not know: the browser's own */
export function showTimesIn(timeZone: string | null): void {
  try {
    dateAndTime = dateAndTimeIn(timeZone ?? undefined);
  } catch {
    dateAndTime = dateAndTimeIn();
  }
}
/** Where this browser is, by its own account. */
export const ownTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const dateTime = (iso: string): string => dateAndTime.format(new Date(iso));

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
