import { accounts, asAccount, letters, unscoped } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { issueCode, redeemCode, redeemLink } from '../../accounts/codes.ts';
import { describeBrowser } from '../../accounts/describe-browser.ts';
import { hashOf } from '../../accounts/secrets.ts';
import { beginSession, endEverySession, endSession } from '../../accounts/web-session.ts';
import { errors, type Language, language, rest } from '../../protocol/index.ts';
import { RateLimit } from '../../rate-limit.ts';
import type { Routes } from '../dependencies.ts';
import { refuse } from '../limits.ts';
import { describeMe } from './me.ts';

/** Begins a session for whoever has proven who they are, and answers with it. */
export type SignIn = (
  account: accounts.Account,
  browserHash: Buffer,
  request: Request,
  response: Response,
) => Promise<void>;

export function signingIn(routes: Routes): SignIn {
  const { db, cookies } = routes;
  return async (account, browserHash, request, response) => {
    const { isNewDevice } = await beginSession(db, cookies, { account, browserHash }, { request, response });
    const device = describeBrowser(request.headers['user-agent'], account.language);
    if (isNewDevice)
      await asAccount(db, account.accountId, tx =>
        letters.queue(tx, account.accountId, {
          ...{ kind: 'new-device', device, address: request.ip ?? '', at: new Date() },
        }),
      );
    response.json(await describeMe(routes, account, request));
  };
}

/** The best of our languages that a browser asks for. */
const asksFor = (request: Request): Language =>
  language.catch('en').parse(request.acceptsLanguages(...language.options));

export function signInRoutes({ db, cookies, mail, config, person }: Routes, signIn: SignIn): Router {
  const router = Router();
  const pepper = config.CODE_PEPPER;
  const peppers = [pepper, config.CODE_PEPPER_PREVIOUS] as const;
  // Each code is a mail to somebody and 19 MiB of hashing here.
  const byMail = new RateLimit({ burst: 5, everyMs: 3 * 60_000 });
  const byAddress = new RateLimit({ burst: 30, everyMs: 20_000 });

  router.post('/sign-in/codes', async (request, response) => {
    const { email } = rest.requestCode.parse(request.body);
    const waitMs = byAddress.take(request.ip ?? '') || byMail.take(email);
    refuse(response, waitMs, 'codes were asked for');
    const browser = cookies.browser(request, response);
    const issued = await issueCode(db, { email, browserHash: hashOf(browser), pepper });
    const account = await unscoped(db, tx => accounts.byEmail(tx, email));
    const reader = account ?? { email, language: asksFor(request), timeZone: null };
    if ('code' in issued) await mail.sendSignInCode(reader, issued.code);
    else await mail.sendSignInLink(reader, `${config.PUBLIC_URL}/sign-in#${issued.linkToken}`);
    response.status(202).json({});
  });

  router.post('/sign-in', async (request, response) => {
    const { email, code, invitation } = rest.signIn.parse(request.body);
    const browser = cookies.read(request, 'browser');
    if (browser === undefined) throw errors.codeUnusable();
    const browserHash = hashOf(browser);
    const joining = { signUp: config.SIGN_UP, invitation, language: asksFor(request) };
    const account = await redeemCode(db, { email, code, browserHash, peppers, joining });
    await signIn(account, browserHash, request, response);
  });

  router.post('/sign-in/link', async (request, response) => {
    const { token, invitation } = rest.signInByLink.parse(request.body);
    const browser = cookies.read(request, 'browser');
    if (browser === undefined) throw errors.signInLinkUnusable();
    const browserHash = hashOf(browser);
    const joining = { signUp: config.SIGN_UP, invitation, language: asksFor(request) };
    const account = await redeemLink(db, { token, browserHash, joining });
    await signIn(account, browserHash, request, response);
  });

  router.post('/sign-out/everywhere', async (request, response) => {
    const { account } = await person(request);
    await endEverySession(db, account.accountId);
    cookies.clear(response, 'session');
    response.status(204).end();
  });

  router.post('/sign-out', async (request, response) => {
    await endSession(db, cookies, request);
    cookies.clear(response, 'session');
    response.status(204).end();
  });

  return router;
}
