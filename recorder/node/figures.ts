import type { MediaKind, RecordingId } from '@cratersync/signaling/protocol';
import type { ManifestTrack } from '../format/index.ts';
import { nothingCounted } from '../journal/ledger.ts';
import type { Recording } from './recording.ts';

/** What tracks count of what they receive. */
export type Counted = ManifestTrack['counters'] & { packetsRecovered: number };

export interface LiveRecording {
  recordingId: RecordingId;
  phase: Recording['phase'];
  tracks: Record<MediaKind, number>;
  elapsedMs: number;
  /** How much of what was received is not in the store yet; 0 once it does not receive any more. */
  lagMs: number;
}

const nothing: Counted = { ...nothingCounted, packetsRecovered: 0 };

/** Adds up what tracks count anyway: nothing is counted for it, and nothing is added up before somebody asks. */
export class Figures {
  /** Of recordings that are not here any more. */
  #past: Counted = nothing;

  forgotten(recording: Recording): void {
    this.#past = sumOf([this.#past, recording.tracks.counted]);
  }

  counted(recordings: Iterable<Recording>): Counted {
    return sumOf([this.#past, ...Array.from(recordings, recording => recording.tracks.counted)]);
  }
}

/** @param onDiskUs the clock's reading at the last commit */
export function liveRecording(recording: Recording, nowUs: number, onDiskUs: number): LiveRecording {
  const { row, phase, elapsedMs } = recording;
  const progress = phase === 'recording' ? recording.tracks.progress(nowUs, onDiskUs, 'flowing') : [];
  const lags = progress.map(({ safeMs }) => Math.max(0, elapsedMs - safeMs));
  const { recordingId } = row;
  return { recordingId, phase, tracks: recording.tracks.counts, elapsedMs, lagMs: Math.max(0, ...lags) };
}

export function sumOf(parts: readonly Counted[]): Counted {
  const sum = { ...nothing };
  const names = Object.keys(nothing) as (keyof Counted)[];
  for (const part of parts) for (const name of names) sum[name] += part[name];
  return sum;
}
