import {
  customerKey,
  mediaKind,
  mediaLayers,
  organizationId,
  participantId,
  recordingCheck,
  recordingId,
  recordingProgress,
  rtpParameters,
  sessionId,
  source,
  trackId,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';

/**
 * What signaling asks of a recorder node, and what the node reports. The node dials in to signaling's
 * NODES_NAMESPACE with auth {kind: 'recorder', nodeId, secret} and reports `announce` first.
 */

const nothing = z.null();
const ofTrack = { recordingId, trackId };
/** What keeps a track from being recorded, by somebody's wish: the person is muted, or the host has paused the recording. */
const held = z.enum(['open', 'muted', 'paused']);
export type Held = z.output<typeof held>;
const expectedTracks = z.record(mediaKind, z.number().int().nonnegative()).optional();
/** What locks the session key, where the organization has brought its own. */
const broughtKey = customerKey.nullable().optional();
export const srtpKey = z.object({ cryptoSuite: z.literal('AEAD_AES_256_GCM'), keyBase64: z.string() });

export const recorderProcedures = {
  /** Tries what admission tries, and opens nothing. @see recording.open */
  'recording.check': {
    request: z.strictObject({ organizationId, sessionId, expected: expectedTracks, customerKey: broughtKey }),
    response: recordingCheck,
  },
  /**
   * Admission: tries processor, disk, store and key before it answers, so that an acknowledged recording can be
   * written. Refused with `recording_refused` and which of them failed. The session clock starts here.
   */
  'recording.open': {
    request: z.strictObject({
      organizationId,
      sessionId,
      recordingId,
      /** How many tracks of each kind are there to be recorded, for the room on the disk. */
      expected: expectedTracks,
      customerKey: broughtKey,
    }),
    response: nothing,
  },
  /**
   * Goes on with a recording whose recorder is away; admission as above. The number of the holder that is relieved
   * is told, and answered with the new one. Refused with `conflict` when somebody else has been faster.
   * One that was stopped is brought to its end; `erased` when it was deleted meanwhile.
   */
  'recording.take-over': {
    request: z.strictObject({
      organizationId,
      sessionId,
      recordingId,
      /** Wall clock at session time zero, and session time now. */
      startedAtMs: z.number(),
      elapsedMs: z.number(),
      after: z.number().int().positive(),
      /** Session time at which it was stopped; without it, it goes on. */
      stoppedMs: z.number().nonnegative().optional(),
      expected: expectedTracks,
    }),
    response: z.object({ holder: z.number().int() }),
  },
  /** Another recorder has it now: what was received is stored, then the recording is forgotten here. */
  'recording.yield': { request: z.strictObject({ recordingId }), response: nothing },
  /** Opens the UDP port of one track. */
  'track.open': {
    request: z.strictObject({ ...ofTrack, participantId, source, kind: mediaKind }),
    response: z.object({ ip: z.string(), port: z.number().int(), srtp: srtpKey.nullable() }),
  },
  /** Tells what will arrive and from where; anything else on the port is counted and dropped. */
  'track.start': {
    request: z.strictObject({
      ...ofTrack,
      rtpParameters,
      sourceIp: z.string(),
      sourcePort: z.number().int(),
      srtp: srtpKey.nullable(),
      clockId: z.string(),
      /** As it is already when the tap is opened. */
      held,
    }),
    response: nothing,
  },
  'track.hold': { request: z.strictObject({ ...ofTrack, held }), response: nothing },
  /** The SFU passes on other simulcast layers from about now on; for the journal. */
  'track.layers': { request: mediaLayers.extend(ofTrack).strict(), response: nothing },
  'track.close': {
    request: z.strictObject({
      ...ofTrack,
      cause: z.enum(['left', 'stopped', 'reconnected', 'media-node-lost']),
    }),
    response: nothing,
  },
  /** Acknowledged at once; what follows is reported by `recording.changed` and `recording.finalized`. */
  'recording.close': { request: z.strictObject({ recordingId }), response: nothing },
} as const;

export const recordedTrack = z.object({ trackId, participantId, source });

export const recorderReports = {
  announce: {
    request: z.strictObject({
      recordings: z.array(
        z.object({
          organizationId,
          sessionId,
          recordingId,
          /** Counts the recorders that have had it. */
          holder: z.number().int().positive(),
          startedAtMs: z.number(),
          elapsedMs: z.number(),
          closing: z.boolean(),
          /** The host has paused it. */
          paused: z.boolean(),
          tracks: z.array(recordedTrack),
        }),
      ),
    }),
    response: nothing,
  },
  'recording.changed': {
    request: z.strictObject({ organizationId, recordingId, state: z.enum(['draining', 'finalizing']) }),
    response: nothing,
  },
  /** Repeated until acknowledged: signaling answers only when the database has it. */
  'recording.finalized': {
    request: z.strictObject({
      organizationId,
      sessionId,
      recordingId,
      /** Wall clock at session time zero, ms since 1970. */
      startedAtMs: z.number(),
      durationMs: z.number(),
      manifestKey: z.string(),
      merkleRoot: z.string(),
      tracks: z.array(recordedTrack),
    }),
    response: nothing,
  },
  /** How far what is being recorded is safe; twice a second. */
  'recordings.progressed': {
    request: z.strictObject({ recordings: z.array(recordingProgress.extend({ sessionId })) }),
    response: nothing,
  },
  /** Something the people in the room must know while it records: the store is away, the disk is filling. */
  'recording.warned': {
    request: z.strictObject({ organizationId, recordingId, message: z.string() }),
    response: nothing,
  },
} as const;
