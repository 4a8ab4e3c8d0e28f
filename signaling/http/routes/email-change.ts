import { type accounts, emailChanges, unscoped } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { askForEmailChange, confirmEmailChange } from '../../accounts/email-change.ts';
import { hashOf } from '../../accounts/secrets.ts';
import { mayMoveTo } from '../../accounts/sign-up.ts';
import { askedBy } from '../../audit/asked.ts';
import { errors, rest } from '../../protocol/index.ts';
import { RateLimit } from '../../rate-limit.ts';
import type { Routes } from '../dependencies.ts';
import { refuse } from '../limits.ts';
import { describeMe } from './me.ts';

/** Another mail address for one's account: a code goes to the old one and to the new one, and both have to come back. */
export function emailChangeRoutes(routes: Routes): Router {
  const { db, cookies, mail, config, person, log } = routes;
  const router = Router();
  const pepper = config.CODE_PEPPER;
  const peppers = [pepper, config.CODE_PEPPER_PREVIOUS] as const;
  // Each is two mails, one of them to somebody who may never have heard of us.
  const byAccount = new RateLimit({ burst: 3, everyMs: 10 * 60_000 });
  const byMail = new RateLimit({ burst: 3, everyMs: 10 * 60_000 });
  const asking = async (request: Request, response: Response) => ({
    ...(await person(request)),
    browserHash: hashOf(cookies.browser(request, response)),
  });

  router.get('/me/email-change', async (request, response) => {
    const { account, browserHash } = await asking(request, response);
    const { accountId } = account;
    const change = await unscoped(db, tx => emailChanges.pending(tx, { accountId, browserHash }));
    response.json({ change: change === null ? null : shape(change) } satisfies rest.EmailChangeState);
  });

  router.post('/me/email-change', async (request, response) => {
    const who = await asking(request, response);
    const { account } = who;
    const { email: newEmail } = rest.requestEmailChange.parse(request.body);
    if (!mayMoveTo(config.SIGN_UP, account.email, newEmail))
      throw errors.conflict('On this server your address has to be one of your organization’s mail domain.');
    const waitMs = byAccount.take(account.accountId) || byMail.take(newEmail);
    refuse(response, waitMs, 'codes were asked for');
    const issued = await askForEmailChange(db, who, { newEmail, pepper });
    await Promise.all([
      mail.sendOldAddressCode(account, { newEmail, code: issued.oldCode }),
      mail.sendNewAddressCode(
        { ...account, email: newEmail },
        { oldEmail: account.email, code: issued.newCode },
      ),
    ]);
    response.status(202).json(shape(issued.pending));
  });

  router.post('/me/email-change/confirm', async (request, response) => {
    const who = await asking(request, response);
    const { account: before } = who;
    const codes = rest.confirmEmailChange.parse(request.body);
    const asked = askedBy(before.accountId, request, response);
    const email = await confirmEmailChange(db, who, { ...codes, peppers, asked });
    const account: accounts.Account = { ...before, email };
    // It is done, whether or not the mail server takes the notices.
    for (const reader of [before, account])
      mail
        .sendAddressChangedNotice(reader, { oldEmail: before.email, newEmail: email, at: new Date() })
        .catch((error: unknown) => log.warn({ err: error }, 'a notice of a new address could not be sent'));
    response.json(await describeMe(routes, account, request));
  });

  router.delete('/me/email-change', async (request, response) => {
    const { account } = await person(request);
    await unscoped(db, tx => emailChanges.end(tx, account.accountId));
    response.status(204).end();
  });

  return router;
}

const shape = ({ newEmail, expiresAt }: emailChanges.PendingChange): rest.EmailChange => ({
  newEmail,
  expiresAt: expiresAt.toISOString(),
});
