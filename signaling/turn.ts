import { createHmac, randomBytes } from 'node:crypto';
import { type Clock, ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';
import type { IceServer } from './protocol/index.ts';

/** As a browser takes it (RFC 7065); one that it does not take would keep everybody out. */
const turnUrl = z
  .string()
  .regex(
    /^turns?:([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i,
    'each is turn:HOST:PORT or turns:HOST:PORT, with ?transport=tcp or ?transport=udp behind it, and commas between',
  )
  .refine(url => Number(/:(\d+)(\?|$)/.exec(url)?.[1] ?? 1) <= 65_535, 'a port is at most 65535');

/** The environment of a process that knows relays; the table in README.md says what each means. */
export const turnShape = {
  TURN_URLS: z
    .string()
    .transform(text => text.split(',').map(each => each.trim()))
    .pipe(z.array(turnUrl))
    .optional()
    .describe(
      'relays (TURN) for browsers whose network lets media out in no other way: `turn:` and `turns:` addresses with commas between; both of TURN_* or none. [docs/operations.md](docs/operations.md#a-relay-for-strict-networks)',
    ),
  TURN_SECRET: z
    .string()
    .min(32, 'at least 32 characters')
    .optional()
    .describe('what the relays know as `static-auth-secret`: credentials for them are made with it'),
};

export interface TurnConfig {
  urls: string[];
  secret: string;
}

/** @returns null: there are no relays @throws ConfigError when one of the two is missing */
export function turnConfig({
  TURN_URLS: urls,
  TURN_SECRET: secret,
}: Partial<z.output<z.ZodObject<typeof turnShape>>>): TurnConfig | null {
  if (urls !== undefined && secret !== undefined) return { urls, secret };
  if (urls === undefined && secret === undefined) return null;
  const missing = urls === undefined ? 'TURN_URLS' : 'TURN_SECRET';
  throw new ConfigError([
    `${missing} is not set: for a relay, set both TURN_URLS and TURN_SECRET, and neither without one`,
  ]);
}

/** Needed when a browser looks for its way: when a transport is made, and when ICE is restarted. */
const LIFE_S = 6 * 3600;

/** What a relay takes that was told the secret (“A REST API for Access to TURN Services”, draft-uberti-behave-turn-rest-00). */
export function turnCredential(secret: string, expiresS: number, id: string) {
  const username = `${expiresS}:${id}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/** The relays for one browser's next transport, with a credential of its own that names nobody. */
export type IceServers = () => IceServer[];

export const iceServersOf =
  (turn: TurnConfig | null, clock: Pick<Clock, 'wallMs'>): IceServers =>
  () => {
    if (turn === null) return [];
    const expiresS = Math.floor(clock.wallMs() / 1000) + LIFE_S;
    const id = randomBytes(12).toString('hex');
    return [{ urls: turn.urls, ...turnCredential(turn.secret, expiresS, id) }];
  };
