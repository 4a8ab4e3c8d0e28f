import { Router } from 'express';
import { issueCode, redeemCode } from '../../accounts/codes.ts';
import { hashOf, newBearer } from '../../accounts/secrets.ts';
import { beginSession, endSession } from '../../accounts/web-session.ts';
import { errors, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { RateLimit } from '../rate-limit.ts';
import { describeMe } from './me.ts';

const BROWSER_COOKIE_MS = 24 * 3_600_000;

export function signInRoutes({ db, cookies, mail, config }: Routes): Router {
  const router = Router();
  const pepper = config.CODE_PEPPER;
  // Each code is a mail to somebody and 19 MiB of hashing here.
  const byMail = new RateLimit({ burst: 5, everyMs: 3 * 60_000 });
  const byAddress = new RateLimit({ burst: 30, everyMs: 20_000 });

  router.post('/sign-in/codes', async (request, response) => {
    const { email } = rest.requestCode.parse(request.body);
    const waitMs = byAddress.take(request.ip ?? '') || byMail.take(email);
    if (waitMs > 0) {
      response.set('Retry-After', String(Math.ceil(waitMs / 1000)));
      throw errors.tooManyRequests('codes were asked for');
    }
    const browser = cookies.read(request, 'browser') ?? newBearer(256).secret;
    const code = await issueCode(db, { email, browserHash: hashOf(browser), pepper });
    await mail.sendSignInCode(email, code);
    cookies.set(response, 'browser', browser, BROWSER_COOKIE_MS);
    response.status(202).json({});
  });

  router.post('/sign-in', async (request, response) => {
    const { email, code } = rest.signIn.parse(request.body);
    const browser = cookies.read(request, 'browser');
    if (browser === undefined) throw errors.codeUnusable();
    const account = await redeemCode(db, { email, code, browserHash: hashOf(browser), pepper });
    await beginSession(db, cookies, account, { request, response });
    response.json(await describeMe(db, account));
  });

  router.post('/sign-out', async (request, response) => {
    await endSession(db, cookies, request);
    cookies.clear(response, 'session');
    response.status(204).end();
  });

  return router;
}
