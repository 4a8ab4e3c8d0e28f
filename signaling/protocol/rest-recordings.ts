import { z } from 'zod';
import { recordingId, renderId, sessionId, stemId } from './ids.ts';
import { states } from './lifecycle.ts';
import { marker, markerName } from './markers.ts';
import { projectFormat, renderFormat, source, stemFormat } from './media.ts';
import { next } from './rest-integrations.ts';
import { recordingKeeping } from './rest-keeping.ts';

/** Shapes of recordings: what was made of them, what is named in them, and how they are deleted. */

const at = z.iso.datetime({ offset: true });

export const recordingSummary = z.object({
  recordingId,
  state: z.enum(states('recording')),
  startedAt: at,
  durationMs: z.number().nullable(),
});
// GET /recordings → those of all sessions, newest first, a page at a time
export const listedRecording = recordingSummary.extend({ sessionId, sessionTitle: z.string() });
export const recordingList = z.object({ recordings: z.array(listedRecording), next });

// GET /recordings/:recordingId
export const stemFile = z.object({
  format: stemFormat,
  name: z.string(),
  bytes: z.number(),
  url: z.string(),
});
export const stem = z.object({
  stemId,
  name: z.string(),
  participantName: z.string(),
  source,
  state: z.enum(states('stem')),
  /** 0..1 while rendering */
  progress: z.number(),
  durationMs: z.number().nullable(),
  /** Why it failed, or what is missing from it, in words. */
  note: z.string().nullable(),
  /** To be downloaded. While it is rendered once more, those of the last time. */
  files: z.array(stemFile),
  /** To be heard and seen in the page, part by part: .m4a, WebM or MP4; until there is an .m4a, WAV made while it plays. */
  previewUrl: z.string().nullable(),
  /** The waveform; docs/stems.md has its layout. */
  peaksUrl: z.string().nullable(),
  /** One JPEG with small pictures in rows of ten, evenly spread over the recording. */
  thumbsUrl: z.string().nullable(),
});
/** Made because somebody asked for it. */
export const render = z.object({
  renderId,
  /** Null: of the whole recording. */
  stemId: stemId.nullable(),
  format: renderFormat,
  state: z.enum(states('render')),
  /** 0..1 while rendering */
  progress: z.number(),
  note: z.string().nullable(),
  /** Of what can be downloaded: also while it is made once more. */
  bytes: z.number().nullable(),
  url: z.string().nullable(),
});
export const projectLink = z.object({ format: projectFormat, url: z.string() });
export const recordingDetail = z.object({
  recordingId,
  sessionId,
  sessionTitle: z.string(),
  state: z.enum(states('recording')),
  startedAt: at,
  durationMs: z.number().nullable(),
  reason: z.string().nullable(),
  stems: z.array(stem),
  renders: z.array(render),
  /** In the order of time. */
  markers: z.array(marker),
  /** Projects for editors and the certificate; none while there is no stem. */
  projects: z.array(projectLink),
  /** Of all stems together, as one zip; null until every stem is ready. */
  zipUrl: z.string().nullable(),
  keeping: recordingKeeping,
});

/** What links to files carry, for browsers: until when they may be followed (s since 1970), and our signature. */
export const downloadQuery = z.object({
  until: z.coerce.number().int().optional(),
  signature: z.string().optional(),
});

// GET /recordings/:recordingId/projects/sync → what a page shows of sync.json; the file tells more
export const certificate = z.object({
  stems: z.array(
    z.object({
      name: z.string(),
      residualMs: z.number().optional(),
      skewPpm: z.number().optional(),
      gaps: z.array(z.object({ startUs: z.number(), endUs: z.number(), cause: z.string() })).optional(),
    }),
  ),
});

// POST /recordings/:recordingId/renders → 202 render: made anew if it is there; one that is on its way is left alone
export const orderRender = z.strictObject({ format: renderFormat, stemId: stemId.optional() });
// DELETE /recordings/:recordingId/renders/:renderId → 204: what is waiting or being made is not made
// POST /recordings/:recordingId/stems {all} → 202 {}: the stems that failed are made again, or all of them
export const renderStems = z.strictObject({ all: z.boolean().default(false) });

const markerAtMs = z.int().min(0);
// POST /recordings/:recordingId/markers → 201 marker; without a time it stands at this moment, while it is recording
export const addMarker = z.strictObject({ name: markerName, atMs: markerAtMs.optional() });
// PATCH /recordings/:recordingId/markers/:markerId → marker
export const changeMarker = z.strictObject({ name: markerName.optional(), atMs: markerAtMs.optional() });
// DELETE /recordings/:recordingId/markers/:markerId → 204
// DELETE /recordings/:recordingId → 202: hidden from now on, and erased at `eraseAfter`
export const deletion = z.object({
  recordingId,
  sessionId,
  sessionTitle: z.string(),
  recordedAt: at,
  requestedAt: at,
  eraseAfter: at,
  /** Nobody asked for it: the time for which it was kept is over. */
  isExpired: z.boolean(),
  /** It is not erased, for so long. */
  isHeld: z.boolean(),
  /** waiting: it can still be undone */
  state: z.enum(['waiting', 'erasing', 'erased']),
});
// GET /deletions → newest first, a page at a time; receipts are signed with `receiptKey` (Ed25519, base64url), and before
// it was changed with one of the former ones
export const deletionList = z.object({
  deletions: z.array(deletion),
  receiptKey: z.string(),
  formerReceiptKeys: z.array(z.string()),
  next,
});
/** What `cratersync receipt verify` reads; `erasure` is JSON, as it was signed. */
export const receipt = z.object({
  version: z.literal(1),
  erasure: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});
// DELETE /deletions/:deletionId → 204: undone. Its id is that of the recording.
// GET /deletions/:deletionId/receipt → 200 receipt

export type Stem = z.output<typeof stem>;
export type Render = z.output<typeof render>;
export type Certificate = z.output<typeof certificate>;
export type RecordingDetail = z.output<typeof recordingDetail>;
export type Deletion = z.output<typeof deletion>;
export type DeletionList = z.output<typeof deletionList>;
