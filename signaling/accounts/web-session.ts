import {
  type accounts,
  asAccount,
  type Database,
  devices,
  organizations,
  unscoped,
  webSessions,
} from '@cratersync/db';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import { type AccountId, type DeviceId, errors } from '../protocol/index.ts';
import { describeBrowser } from './describe-browser.ts';
import { type Bearer, hashOf, newBearer } from './secrets.ts';

export const IDLE_MS = 14 * 24 * 3_600_000;
/** As long as browsers keep a cookie: it tells a known device from a new one. */
export const BROWSER_MS = 400 * 24 * 3_600_000;
const FRESH_MS = 15 * 60_000;
export const SESSION_MS = 30 * 24 * 3_600_000;

export interface SignedIn {
  account: accounts.Account;
  deviceId: DeviceId;
  signedInAt: Date;
  /** The one this browser works in. */
  organization: organizations.Membership | null;
  organizations: organizations.Membership[];
}

type CookieName = 'session' | 'browser' | 'organization';

/**
 * The cookies we set: the web session, the mark of a browser that asked for a sign-in code, and which of a person's
 * organizations this browser works in (a wish: whether they belong to it is looked up each time).
 */
export class Cookies {
  readonly #secure: boolean;

  constructor(publicUrl: string) {
    this.#secure = publicUrl.startsWith('https:');
  }

  // __Host- pins a cookie to this very host; browsers accept it over TLS only.
  nameOf(name: CookieName): string {
    return `${this.#secure ? '__Host-' : ''}cratersync-${name}`;
  }

  read(request: Request, name: CookieName): string | undefined {
    return parseCookie(request.headers.cookie ?? '')[this.nameOf(name)];
  }

  set(response: Response, name: CookieName, value: string, maxAgeMs: number): void {
    response.append(
      'Set-Cookie',
      stringifySetCookie({
        name: this.nameOf(name),
        value,
        maxAge: Math.floor(maxAgeMs / 1000),
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        secure: this.#secure,
      }),
    );
  }

  /** The mark of this browser; one that has none yet gets one. */
  browser(request: Request, response: Response): string {
    const mark = this.read(request, 'browser') ?? newBearer(256).secret;
    this.set(response, 'browser', mark, BROWSER_MS);
    return mark;
  }

  clear(response: Response, name: CookieName): void {
    this.set(response, name, '', 0);
  }
}

/**
 * Signs somebody in: always a new session, never one that was there before.
 * @returns whether they are to be told of the device: it is new, and not their first
 */
export async function beginSession(
  db: Database,
  cookies: Cookies,
  signingIn: { account: accounts.Account; browserHash: Buffer },
  http: { request: Request; response: Response },
): Promise<{ isNewDevice: boolean }> {
  const bearer: Bearer = newBearer(256);
  const old = cookies.read(http.request, 'session');
  const { accountId } = signingIn.account;
  const { browserHash } = signingIn;
  const label = describeBrowser(http.request.headers['user-agent']);
  const isNewDevice = await unscoped(db, async tx => {
    if (old !== undefined) await webSessions.remove(tx, hashOf(old));
    const device = await devices.seen(tx, { accountId, browserHash, label });
    await webSessions.insert(tx, {
      tokenHash: bearer.hash,
      accountId,
      deviceId: device.deviceId,
      lifetimeMs: SESSION_MS,
    });
    return device.isNew;
  });
  cookies.set(http.response, 'session', bearer.secret, SESSION_MS);
  return { isNewDevice };
}

/** Who is asking. @throws `not_signed_in` */
export async function signedIn(db: Database, cookies: Cookies, request: Request): Promise<SignedIn> {
  const token = cookies.read(request, 'session');
  if (token === undefined) throw errors.notSignedIn();
  const seen = await unscoped(db, tx => webSessions.touch(tx, hashOf(token), IDLE_MS));
  if (seen === null) throw errors.notSignedIn();
  const { deviceId, signedInAt, ...account } = seen;
  const wished = cookies.read(request, 'organization');
  return { account, deviceId, signedInAt, ...(await organizationsOf(db, account.accountId, wished)) };
}

/** For what cannot be taken back: whoever finds a browser left open cannot do it. @throws `sign_in_again` */
export function mustBeFresh({ signedInAt }: Pick<SignedIn, 'signedInAt'>): void {
  if (Date.now() - signedInAt.getTime() > FRESH_MS) throw errors.signInAgain();
}

/** @param wished the id of the organization to work in; the first one if it is none of theirs */
export async function organizationsOf(
  db: Database,
  accountId: AccountId,
  wished: string | undefined,
): Promise<Pick<SignedIn, 'organization' | 'organizations'>> {
  const own = await asAccount(db, accountId, tx => organizations.ofAccount(tx));
  const organization = own.find(({ organizationId }) => organizationId === wished) ?? own[0] ?? null;
  return { organization, organizations: own };
}

export async function endSession(db: Database, cookies: Cookies, request: Request): Promise<void> {
  const token = cookies.read(request, 'session');
  if (token !== undefined) await unscoped(db, tx => webSessions.remove(tx, hashOf(token)));
}

export const endEverySession = (db: Database, accountId: AccountId): Promise<void> =>
  unscoped(db, tx => webSessions.removeOfAccount(tx, accountId));
