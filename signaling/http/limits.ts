import type { Request, RequestHandler, Response } from 'express';
import { hashOf } from '../accounts/secrets.ts';
import type { Cookies } from '../accounts/web-session.ts';
import { errors } from '../protocol/index.ts';
import { RateLimit } from '../rate-limit.ts';

const MINUTE_MS = 60_000;
/** Behind one address there may be a whole company. */
const CALLERS_AN_ADDRESS = 10;

/**
 * How much of the API one caller (a token, a signed-in browser, else an address) and one address may ask for, told in
 * the headers RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers).
 */
export function limits({ perMinute, cookies }: { perMinute: number; cookies: Cookies }): RequestHandler {
  const caller = new RateLimit({ burst: perMinute, everyMs: MINUTE_MS / perMinute });
  const addressBurst = perMinute * CALLERS_AN_ADDRESS;
  const address = new RateLimit({ burst: addressBurst, everyMs: MINUTE_MS / addressBurst });
  const policy = `"caller";q=${perMinute};w=60, "address";q=${addressBurst};w=60`;
  const callerOf = (request: Request): string => {
    const secret = request.headers.authorization ?? cookies.read(request, 'session');
    return secret === undefined ? (request.ip ?? '') : hashOf(secret).toString('base64');
  };
  return (request, response, next) => {
    const key = callerOf(request);
    const waitMs = address.take(request.ip ?? '') || caller.take(key);
    const { left, fullInMs } = caller.state(key);
    response.set('RateLimit-Policy', policy);
    response.set('RateLimit', `"caller";r=${left};t=${Math.ceil(fullInMs / 1000)}`);
    refuse(response, waitMs, 'requests');
    next();
  };
}

/** @param waitMs nothing happens for 0 @throws `too_many_requests`, with Retry-After */
export function refuse(response: Response, waitMs: number, what: string): void {
  if (waitMs <= 0) return;
  response.set('Retry-After', String(Math.ceil(waitMs / 1000)));
  throw errors.tooManyRequests(what);
}
