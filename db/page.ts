import { errors } from '@cratersync/signaling/protocol';

/** A page of a list: how many rows at most, and behind which. */
export interface PageRequest {
  limit: number;
  /** `next` of the page before; undefined: from the beginning. */
  cursor?: string | undefined;
}

export interface PageOf<Row> {
  rows: Row[];
  /** Null on the last page. */
  next: string | null;
}

/** A row's place in a list that is ordered by a time and, where times are the same, by an id. */
type Place = [time: string, id: string];

/** SQL for a row's place, to the microsecond: a Date would round it, and rows would come twice or never. */
export const placeOf = (time: string, id: string): string =>
  `ARRAY[to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ${id}::text] AS place`;

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The parameters of a list's query: the place behind which it begins, or nulls, and one row more than the page holds.
 * @throws AppError `bad_request` for a cursor that is none of ours
 */
export function windowOf({ limit, cursor }: PageRequest): [string | null, string | null, number] {
  if (cursor === undefined) return [null, null, limit + 1];
  const [time, id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (time === undefined || id === undefined || !timePattern.test(time) || !idPattern.test(id))
    throw errors.badRequest('cursor: take it from “next” of the page before');
  return [time, id, limit + 1];
}

/** @param found up to one row more than the page holds */
export function pageOf<Row extends { place: Place }>(
  found: readonly Row[],
  { limit }: PageRequest,
): PageOf<Omit<Row, 'place'>> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ place: _, ...row }) => row),
    next:
      found.length > limit && last !== undefined
        ? Buffer.from(last.place.join(' ')).toString('base64url')
        : null,
  };
}
