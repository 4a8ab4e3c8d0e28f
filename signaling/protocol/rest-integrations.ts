import { z } from 'zod';
import { customerKey, iamRoleArn, kmsKeyArn } from './customer-key.ts';
import { deliveryId, organizationId, recordingId, sessionId, tokenId, webhookId } from './ids.ts';
import { tokenScope, webhookEvent } from './integrations.ts';
import { states } from './lifecycle.ts';

/** Shapes for whoever builds on CraterSync: pages of lists, API tokens, webhooks. */

const at = z.iso.datetime({ offset: true });
const unique = (values: readonly string[]) => new Set(values).size === values.length;

export const PAGE_LIMIT = 100;
/** The query of every list: how many at most, and `next` of the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.output<typeof pageQuery>;
/** Where the next page begins; null on the last one. */
export const next = z.string().nullable();

// GET /organization/tokens → {tokens}; POST → 201 createdApiToken; DELETE /organization/tokens/:tokenId → 204
export const createApiToken = z.strictObject({
  name: z.string().trim().min(1, 'a name is needed').max(60, 'at most 60 characters'),
  scopes: z.array(tokenScope).min(1, 'choose at least one').refine(unique, 'each only once'),
  expiresInDays: z.int().min(1).max(365, 'at most a year'),
});
export const apiToken = z.object({
  tokenId,
  name: z.string(),
  /** Its last four characters. */
  hint: z.string(),
  scopes: z.array(tokenScope),
  /** Who made it; it ends when they are no owner or admin any more. */
  createdBy: z.string(),
  createdAt: at,
  expiresAt: at,
  /** To the hour. */
  lastUsedAt: at.nullable(),
});
export const apiTokenList = z.object({ tokens: z.array(apiToken) });
/** The only time that the token is shown; only its hash is stored. */
export const createdApiToken = apiToken.extend({ token: z.string() });

// GET /organization/keys → organizationKeys; POST → 202 organizationKeys, which tell how the trial went; DELETE → 202
export const bringKey = z.strictObject({ keyArn: kmsKeyArn, roleArn: iamRoleArn.nullable() });
export const organizationKeys = z.object({
  /** What new recordings are locked by; null: the installation’s key. */
  inUse: customerKey.nullable(),
  /** What was entered, and is being tried, or was refused. */
  wanted: customerKey.nullable(),
  refused: z.string().nullable(),
  /** How many recordings are locked by what is in use; null when nothing was ever brought. */
  progress: z.object({ done: z.int(), total: z.int(), finishedAt: at.nullable() }).nullable(),
  /** What the key said the last time, when that was no. */
  trouble: z.string().nullable(),
  troubleSince: at.nullable(),
});
export type OrganizationKeys = z.output<typeof organizationKeys>;

// GET /organization/webhooks → {webhooks}; POST → 201 createdWebhook; PATCH …/:webhookId → 200 webhook; DELETE → 204
const events = z.array(webhookEvent).min(1, 'choose at least one').refine(unique, 'each only once');
export const createWebhook = z.strictObject({ url: z.url('that is no address').max(500), events });
export const updateWebhook = z.strictObject({ events: events.optional(), enabled: z.boolean().optional() });
export const webhook = z.object({
  webhookId,
  url: z.string(),
  events: z.array(webhookEvent),
  createdAt: at,
  /** When and why it was switched off. */
  disabledAt: at.nullable(),
  disabledReason: z.string().nullable(),
  /** Since when nothing arrives; null while things do, and when somebody has switched it off. */
  failingSince: at.nullable(),
});
export const webhookList = z.object({ webhooks: z.array(webhook) });
/** The only time that the secret is shown. */
export const createdWebhook = webhook.extend({ secret: z.string() });

// POST /organization/webhooks/:webhookId/test → 202 delivery
// GET /organization/webhooks/:webhookId/deliveries → page; POST …/deliveries/:deliveryId/replay → 202 delivery
export const delivery = z.object({
  /** The webhook-id header: the same each time that it is sent. */
  deliveryId,
  event: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.number(),
  createdAt: at,
  lastAttemptAt: at.nullable(),
  /** HTTP status of the last answer, and its first bytes. */
  status: z.number().nullable(),
  answer: z.string().nullable(),
  /** Why there was no good answer. */
  error: z.string().nullable(),
  /** What is sent. */
  payload: z.string(),
});
export const deliveryPage = z.object({ deliveries: z.array(delivery), next });

/** The body of a webhook. Names of people and titles are not in it: ask the API for them. */
export const webhookPayload = z.object({
  type: z.string(),
  timestamp: at,
  data: z.object({
    organizationId,
    recordingId,
    sessionId,
    state: z.enum(states('recording')),
    durationMs: z.number().nullable(),
    reason: z.string().nullable(),
    /** With recording.stems_ready only. */
    stems: z.object({ ready: z.number(), failed: z.number() }).optional(),
  }),
});

export type ApiToken = z.output<typeof apiToken>;
export type Webhook = z.output<typeof webhook>;
export type Delivery = z.output<typeof delivery>;
export type DeliveryPage = z.output<typeof deliveryPage>;
export type WebhookPayload = z.output<typeof webhookPayload>;
