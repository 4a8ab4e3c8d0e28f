import { Router } from 'express';
import { keepAccount, requestAccountDeletion } from '../../accounts/deletion.ts';
import { mustBeFresh } from '../../accounts/web-session.ts';
import { askedBy } from '../../audit/asked.ts';
import { errors, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { describeMe } from './me.ts';

/** One's account, deleted for good, after a month in which one may come back. */
export function accountDeletionRoutes(routes: Routes): Router {
  const { db, cookies, person } = routes;
  const router = Router();

  router.post('/me/deletion', async (request, response) => {
    const who = await person(request);
    const { accountId, email: own } = who.account;
    const { email } = rest.requestAccountDeletion.parse(request.body);
    if (email !== own) throw errors.badRequest('email: type the mail address of your account');
    mustBeFresh(who);
    const purgeAfter = await requestAccountDeletion(db, accountId, askedBy(accountId, request, response));
    cookies.clear(response, 'session');
    response.status(202).json({ purgeAfter: purgeAfter.toISOString() } satisfies rest.AccountDeletion);
  });

  router.delete('/me/deletion', async (request, response) => {
    const { account } = await person(request);
    await keepAccount(db, account.accountId, askedBy(account.accountId, request, response));
    response.json(await describeMe(routes, { ...account, purgeAfter: null }, request));
  });

  return router;
}
