import type { z } from 'zod';
import type { MemberRole, TokenScope } from '../../protocol/index.ts';

/** Who may ask: anybody, whoever is signed in, or the least that one must be in the organization. */
export type Needs = 'nobody' | 'account' | MemberRole;

/** What a good answer is: JSON of a shape, nothing, or a file of a media type. */
export type Answer = z.ZodType | 'nothing' | { file: string };

/**
 * One route, as the document tells it. Not only told: without `scope` no API token may use it, and with `once` an
 * Idempotency-Key is heeded.
 */
export interface Operation {
  summary: string;
  needs: Needs;
  /** What an API token needs for it. */
  scope?: TokenScope;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Nothing has to be sent: every field has a default. */
  isBodyOptional?: true;
  /** By HTTP status. */
  answers: Record<number, Answer>;
  /** It makes something: sent twice with the same Idempotency-Key, it makes one. */
  once?: true;
  /** Open also in an organization that is to be deleted, though no GET. */
  whileClosing?: true;
}

/** By method and path below /api/v1, as Express writes it: `GET /sessions/:sessionId`. */
export type Operations = Record<string, Operation>;
