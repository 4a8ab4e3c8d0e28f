import { z } from 'zod';

/** The languages that we write mail in. */
export const language = z.enum(['en', 'fr']);
export type Language = z.output<typeof language>;

/** What stands in the place of somebody's name who has deleted their account; pages say it in their language. */
export const DELETED_PERSON = 'Deleted person';

/** An IANA time zone, by any of its names: "Europe/Paris". */
export const timeZone = z.string().max(64).refine(isTimeZone, 'that is not the name of a time zone');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Offsets such as +02:00 are taken, too, but know no summer.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
