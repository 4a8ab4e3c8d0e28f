import type { z } from 'zod';
import { localization } from './i18n/language.ts';
import { type AppError, errors, problem } from './protocol.ts';

/** Where it is, on this very server. */
export const API = '/api/v1';

/** @throws AppError, in words that can be shown */
export async function request<S extends z.ZodType>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  shape: S,
  body?: unknown,
): Promise<z.output<S>> {
  let response: Response;
  try {
    response = await fetch(API + path, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        // In which mail is written to somebody who has told us nothing yet.
        'accept-language': localization.get().locale,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw errors.unavailable('server', cause);
  }
  const text = await response.text();
  const answer = parseJson(text);
  if (response.ok) return shape.parse(answer);
  throw refusal(response.status, answer);
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** An answer that is not ours (a proxy's page, a server that is starting) says only that the server is away. */
function refusal(status: number, answer: unknown): AppError {
  const parsed = problem.safeParse(answer);
  if (parsed.success) return errors.remote({ ...parsed.data, message: parsed.data.detail });
  return status >= 500 ? errors.unavailable('server') : errors.badRequest(`the server answered ${status}`);
}
