import type { RecordingId, RenderId, StemId } from '@cratersync/signaling/protocol';

/** Where things lie in the object store. Numbers are padded, so that a sorted listing is in order. */
const recordingPrefix = (recordingId: RecordingId) => `recordings/${recordingId}/`;
const tracksPrefix = (recordingId: RecordingId) => `${recordingPrefix(recordingId)}tracks/`;
const eightDigits = (value: number) => String(value).padStart(8, '0');

export const objectKeys = {
  recordingPrefix,
  tracksPrefix,
  chunk: (recordingId: RecordingId, trackId: string, epoch: number, sequence: number) =>
    `${tracksPrefix(recordingId)}${trackId}/${eightDigits(epoch)}-${eightDigits(sequence)}`,
  manifest: (recordingId: RecordingId) => `${recordingPrefix(recordingId)}manifest`,
  /** The nth to hold the recording: who began it, took it over, or ended it. */
  holder: (recordingId: RecordingId, number: number) =>
    `${recordingPrefix(recordingId)}holders/${eightDigits(number)}`,
  yielded: (recordingId: RecordingId, number: number) =>
    `${recordingPrefix(recordingId)}holders/${eightDigits(number)}-yielded`,
  /** Each rendering has a name of its own: a stem that is rendered again never overwrites one being downloaded. */
  stemFile: (recordingId: RecordingId, stemId: StemId, renderId: string, format: string) =>
    `${recordingPrefix(recordingId)}stems/${stemId}/${renderId}.${format}`,
  stemPrefix: (recordingId: RecordingId, stemId: StemId) => `${recordingPrefix(recordingId)}stems/${stemId}/`,
  /** What was made because somebody asked for it, the same way. */
  extraFile: (recordingId: RecordingId, renderId: RenderId, attemptId: string, format: string) =>
    `${recordingPrefix(recordingId)}extras/${renderId}/${attemptId}.${format}`,
  extraPrefix: (recordingId: RecordingId, renderId: RenderId) =>
    `${recordingPrefix(recordingId)}extras/${renderId}/`,
};
