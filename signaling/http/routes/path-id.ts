import type { z } from 'zod';
import { errors } from '../../protocol/index.ts';

/** An id from a path. What is not even an id answers like one that does not exist. @throws `not_found` */
export function pathId<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw errors.notFound(what);
  return parsed.data;
}
