import { z } from 'zod';
import { participantId } from './ids.ts';

/** What people tell each other in a room besides speaking. */

/** How somebody's page is doing, as it finds itself. */
export const condition = z.strictObject({
  connection: z.enum(['good', 'fair', 'poor']),
  /** What keeps it from being good: packets that are lost, a long way, too little bandwidth, a processor that is too slow. */
  reason: z.enum(['loss', 'delay', 'bandwidth', 'processor']).nullable(),
  /** Their microphone is so loud that its sound is cut off. */
  isClipping: z.boolean(),
});
export type Condition = z.output<typeof condition>;

export const chatText = z
  .string()
  .trim()
  .min(1, 'write something first')
  .max(1000, 'at most 1000 characters');

export const chatMessage = z.object({
  messageId: z.uuid(),
  /** Who wrote it, and what they were called then: they may have left. */
  participantId,
  displayName: z.string(),
  text: z.string(),
  /** How long ago it was said when this was sent; the browser counts on from there by its own clock. */
  agoMs: z.number(),
});
/** One message that its writer's page gives back. */
const ownMessage = chatMessage.pick({ messageId: true }).extend({
  text: chatText,
  agoMs: z
    .number()
    .min(0)
    .max(7 * 86_400_000),
});

/** As many as one message of a browser's socket holds, however long they are. */
export const MOST_GIVEN_BACK = 10;
/** What a page that is still open had said in a room that signaling has forgotten: its own messages, and its hand. */
export const givenBack = z.strictObject({
  messages: z.array(ownMessage.strict()).max(MOST_GIVEN_BACK),
  hand: z.int().positive().max(1_000_000).nullable(),
});
export type GivenBack = z.output<typeof givenBack>;

export type ChatMessage = z.output<typeof chatMessage>;
