import { z } from 'zod';

/** What an API token may do; routes without a scope are closed to all of them. */
export const tokenScope = z.enum([
  'sessions:read',
  'sessions:write',
  'recordings:read',
  'recordings:write',
  'members:read',
  'audit:read',
]);
export type TokenScope = z.output<typeof tokenScope>;

/** What a webhook is told of. */
export const webhookEvent = z.enum([
  'recording.started',
  'recording.stopped',
  'recording.complete',
  'recording.incomplete',
  'recording.stems_ready',
]);
export type WebhookEvent = z.output<typeof webhookEvent>;

/** An API token begins with this, so that it is recognized where it should not be: in code, in a log. */
export const TOKEN_PREFIX = 'cs_';
/** A webhook's secret, as Standard Webhooks writes it: this, and the key in base64. */
export const WEBHOOK_SECRET_PREFIX = 'whsec_';
