import type { Database } from '@cratersync/db';
import type { Log, Metrics } from '@cratersync/infra/runtime';
import type { Request } from 'express';
import type { Cookies, SignedIn } from '../accounts/web-session.ts';
import type { Payments } from '../billing/payments.ts';
import type { PlanLimits } from '../billing/standing.ts';
import type { SignalingConfig } from '../config.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Region, rest } from '../protocol/index.ts';
import type { DownloadLinks } from './download-links.ts';
import type { RoomsPort } from './rooms-port.ts';

export interface AppOptions {
  config: Pick<
    SignalingConfig,
    | 'PUBLIC_URL'
    | 'CODE_PEPPER'
    | 'CODE_PEPPER_PREVIOUS'
    | 'SEALING_KEY'
    | 'SEALING_KEY_PREVIOUS'
    | 'RECEIPT_KEYS_FORMER'
    | 'SIGN_UP'
    | 'DEV_INBOX_URL'
    | 'API_REQUESTS_PER_MINUTE'
    | 'WEBHOOK_ALLOW_PRIVATE'
    | 'PUBLIC_PAGES'
    | 'OPERATOR_FILE'
    | 'GA_MEASUREMENT_ID'
    | 'COUNTRY_HEADER'
  >;
  db: Database;
  mail: Mailer;
  log: Log;
  metrics: Metrics;
  rooms: RoomsPort;
  /** The worker that decrypts downloads. */
  worker: { urlOf: (region: Region | null) => string; secret: string };
  /** The built client. */
  clientDir: string;
  health: () => Promise<rest.Health>;
  /** null: billing is off, and everything without limit. */
  payments: Payments | null;
}

/** A member, or an API token that acts for one. */
export interface Member extends Omit<SignedIn, 'deviceId' | 'signedInAt'> {
  organization: NonNullable<SignedIn['organization']>;
  displayName: string;
}

/** Who is asking. */
export interface Asking {
  /** Never a token. @throws `not_signed_in`, `token_refused` */
  person(request: Request): Promise<SignedIn>;
  /**
   * In which organization.
   * @throws `not_signed_in`; `conflict` before the first sign-in is finished; `organization_closing` for what changes
   *   something, in one that is to be deleted
   */
  member(request: Request): Promise<Member>;
  /** A member who may manage: owner or admin. @throws `forbidden`, and as `member` does */
  manager(request: Request, what: string): Promise<Member>;
  /** @throws as `manager` does */
  owner(request: Request, what: string): Promise<Member>;
}

/** What every group of routes is given. */
export interface Routes extends AppOptions, Asking {
  cookies: Cookies;
  links: DownloadLinks;
  /** What an organization may do just now. */
  limits: PlanLimits;
}
