import { z } from 'zod';
import { AppError } from './app-error.ts';
import { badRequest, internal } from './errors.ts';

/** Turns whatever was thrown at an edge into what may be shown. Anything unforeseen says nothing of its inside. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof z.ZodError) {
    const issue = thrown.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    return badRequest(`${where}${issue?.message ?? 'it does not have the right shape'}`);
  }
  return internal(thrown);
}
