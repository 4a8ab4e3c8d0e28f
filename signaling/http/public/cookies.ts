import { BROWSER_MS, type Cookies, SESSION_MS } from '../../accounts/web-session.ts';
import { ORGANIZATION_COOKIE_MS } from '../routes/me.ts';

const DAY_MS = 86_400_000;

/** What one is asked for, by its purpose: the words for it stand in the texts. */
export type Purpose =
  | 'session'
  | 'browser'
  | 'organization'
  | 'choice'
  | 'visitor'
  | 'visit'
  | 'settings'
  | 'seat';

export interface Stored {
  name: string;
  kind: 'cookie' | 'storage';
  /** signed-in: by whoever signs in or joins; choice: by an answer about cookies; analytics: once visits may be counted */
  when: 'signed-in' | 'choice' | 'analytics';
  purpose: Purpose;
  /** null: until the browser is told to forget it */
  days: number | null;
}

/** Everything that we have a browser keep. The privacy page lists it; test/pages/public-pages.test.ts compares. */
export function inventory(cookies: Cookies, measurementId: string | undefined): Stored[] {
  const own = (['session', 'browser', 'organization'] as const).map(name => ({
    ...({ name: cookies.nameOf(name), kind: 'cookie', when: 'signed-in', purpose: name } as const),
    days: { session: SESSION_MS, browser: BROWSER_MS, organization: ORGANIZATION_COOKIE_MS }[name] / DAY_MS,
  }));
  // client/src/studio/memory.ts
  const settings = ['name', 'capture', 'speaker', 'language', 'view'].map(name => `cratersync.${name}`);
  const kept: Stored[] = [
    ...settings.map(name => ({ name, purpose: 'settings' }) as const),
    { name: 'cratersync.seat.…', purpose: 'seat' } as const,
  ].map(each => ({ ...each, kind: 'storage', when: 'signed-in', days: null }));
  if (measurementId === undefined) return [...own, ...kept];
  // client/src/site/analytics.ts
  const google = [
    { name: '_ga', purpose: 'visitor' },
    { name: `_ga_${measurementId.replace(/^G-/, '')}`, purpose: 'visit' },
  ] as const;
  return [
    ...own,
    ...kept,
    { name: 'cratersync.analytics', kind: 'storage', when: 'choice', purpose: 'choice', days: 180 },
    ...google.map(each => ({ ...each, kind: 'cookie', when: 'analytics', days: 390 }) as const),
  ];
}
