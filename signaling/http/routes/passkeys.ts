import { asAccount, letters, passkeys, unscoped } from '@cratersync/db';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { type Request, type Response, Router } from 'express';
import { describeBrowser } from '../../accounts/describe-browser.ts';
import { Passkeys } from '../../accounts/passkeys.ts';
import { hashOf } from '../../accounts/secrets.ts';
import { errors, rest } from '../../protocol/index.ts';
import { RateLimit } from '../../rate-limit.ts';
import type { Routes } from '../dependencies.ts';
import { refuse } from '../limits.ts';
import type { SignIn } from './sign-in.ts';

/** Keys on people's devices, as another way to sign in. */
export function passkeyRoutes({ db, cookies, config, person }: Routes, signIn: SignIn): Router {
  const router = Router();
  const all = new Passkeys(db, config.PUBLIC_URL);
  const byAddress = new RateLimit({ burst: 30, everyMs: 20_000 });
  const browserHash = (request: Request, response: Response) => hashOf(cookies.browser(request, response));

  router.get('/me/passkeys', async (request, response) => {
    const { account } = await person(request);
    const own = await unscoped(db, tx => passkeys.ofAccount(tx, account.accountId));
    response.json({
      passkeys: own.map(({ credentialId, label, createdAt, lastUsedAt }) => ({
        credentialId,
        label,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      })),
    } satisfies rest.PasskeyList);
  });

  router.post('/me/passkeys/options', async (request, response) => {
    const { account } = await person(request);
    response.json(await all.registration(account, browserHash(request, response)));
  });

  router.post('/me/passkeys', async (request, response) => {
    const { account } = await person(request);
    const answer = rest.passkeyAnswer.parse(request.body) as unknown as RegistrationResponseJSON;
    const { accountId } = account;
    const label = describeBrowser(request.headers['user-agent']);
    await all.add(answer, { accountId, browserHash: browserHash(request, response), label });
    const device = describeBrowser(request.headers['user-agent'], account.language);
    await asAccount(db, accountId, tx =>
      letters.queue(tx, accountId, {
        ...{ kind: 'new-passkey', device, address: request.ip ?? '', at: new Date() },
      }),
    );
    response.status(204).end();
  });

  router.delete('/me/passkeys/:credentialId', async (request, response) => {
    const { account } = await person(request);
    const { accountId } = account;
    const { credentialId } = request.params;
    if (!(await unscoped(db, tx => passkeys.remove(tx, { accountId, credentialId }))))
      throw errors.notFound('passkey');
    response.status(204).end();
  });

  router.post('/sign-in/passkey/options', async (request, response) => {
    refuse(response, byAddress.take(request.ip ?? ''), 'sign-ins were tried');
    response.json(await all.authentication(browserHash(request, response)));
  });

  router.post('/sign-in/passkey', async (request, response) => {
    const answer = rest.passkeyAnswer.parse(request.body) as unknown as AuthenticationResponseJSON;
    const hash = browserHash(request, response);
    await signIn(await all.signIn(answer, hash), hash, request, response);
  });

  return router;
}
