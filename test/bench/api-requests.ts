import type { Stack } from '@cratersync/infra/dev';
import type pg from 'pg';
import { ApiClient } from '../support/api.ts';
import { codeFor } from '../support/people.ts';
import { load, loadBareExpress, setLoad } from './api-load.ts';
import type { Figures } from './figures.ts';

const SIGN_INS = 400;
const json = { 'content-type': 'application/json' };

/** Somebody who has 20 sessions and a token that may read them, in a database with others' in it. */
export async function measureRequests(figures: Figures, stack: Stack, owner: pg.Client): Promise<void> {
  const rita = await ApiClient.signedIn(stack.url, 'rita@example.org', 'Rita');
  for (let n = 1; n < 20; n += 1) await rita.session(`Episode ${n}`);
  const { token: guestToken } = await rita.session('Episode 20');
  const wanted = { name: 'bench', scopes: ['sessions:read'], expiresInDays: 1 };
  const made = (await rita.call('POST', '/organization/tokens', wanted)) as { token: string };
  const url = `${stack.url}/api/v1/sessions?limit=20`;
  const body = await rita.call('GET', '/sessions?limit=20');

  // Everything is compiled before it is measured.
  const byToken = { method: 'GET', headers: { authorization: `Bearer ${made.token}` } } as const;
  await load(url, byToken, { seconds: 3 });
  const bare = await loadBareExpress(body);
  setLoad(figures, 'express', bare, 'requests a second; Express alone sends the same list of 20 sessions');
  const listing = await load(url, byToken);
  setLoad(figures, 'list_sessions', listing, 'GET /sessions of 20, with an API token');
  figures.set(
    'list_sessions_ratio',
    listing.perSecond / bare.perSecond,
    'requests a second, by those of Express alone',
  );
  const byCookie = { method: 'GET', headers: { cookie: rita.cookie } } as const;
  setLoad(
    figures,
    'list_sessions_page',
    await load(url, byCookie),
    'the same, as the page asks: with a cookie',
  );

  const joining = JSON.stringify({ token: guestToken, displayName: 'Ada' });
  const join = await load(`${stack.url}/api/v1/join`, { method: 'POST', headers: json, body: joining });
  setLoad(figures, 'join', join, 'POST /join: a guest’s link for a seat');
  setLoad(
    figures,
    'sign_in',
    await loadSignIn(stack, owner),
    `POST /sign-in with a code; ${SIGN_INS} people’s first time`,
  );
  // What they have left to write down is not the next measurement's.
  await owner.query('CHECKPOINT');
}

/** One code is asked for, and given to many people in the database: to ask for each takes a mail, and is limited. */
async function loadSignIn(stack: Stack, owner: pg.Client) {
  const asked = await fetch(`${stack.url}/api/v1/sign-in/codes`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: 'first@example.org' }),
  });
  const cookie = asked.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ');
  const code = await codeFor(stack.url, 'first@example.org');
  await owner.query(
    `INSERT INTO app.sign_in_codes (email, browser_hash, code_salt, code_hash, expires_at)
     SELECT 'bench-' || n || '@example.org', browser_hash, code_salt, code_hash, expires_at
     FROM app.sign_in_codes, generate_series(1, $1) n WHERE email = 'first@example.org' AND ended_at IS NULL`,
    [SIGN_INS],
  );
  let next = 0;
  return load(
    `${stack.url}/api/v1/sign-in`,
    {
      method: 'POST',
      headers: { ...json, cookie },
      setupRequest: request => {
        next += 1;
        return { ...request, body: JSON.stringify({ email: `bench-${next}@example.org`, code }) };
      },
    },
    { amount: SIGN_INS },
  );
}
