import { kindOf, type MediaKind } from '@cratersync/signaling/protocol';
import type { StemGap, StemRow, StemSync } from '../stems/index.ts';

/** What every editor is told of a recording, before it is put into one editor's words. Pure, and so are the formats. */
export interface Project {
  title: string;
  recordingId: string;
  /** Wall clock of the first instant, ISO 8601. */
  startedAt: string;
  durationUs: number;
  stems: ProjectStem[];
  markers: Marker[];
}

export interface ProjectStem {
  /** `01-alice-mic` */
  name: string;
  person: string;
  kind: MediaKind;
  /** Beside the project, as in the zip. */
  fileName: string;
  /** Of sound; 0 for pictures. */
  channels: number;
  /** Of pictures. */
  size: { width: number; height: number };
  /** Where there is something, in order; what lies between is silent or black. All of them are one file, from zero on. */
  stretches: Stretch[];
}

export interface Stretch {
  startUs: number;
  endUs: number;
}

/** A gap, or a place that somebody has given a name, which has no length. */
export interface Marker {
  atUs: number;
  endUs: number;
  text: string;
}

/** Editors cut at frames; the product's own films have as many. */
export const PROJECT_FPS = 30;
export const PROJECT_RATE_HZ = 48_000;

/** A shorter gap is no reason to cut a clip in two, or to mark it. */
const SHORTEST_GAP_US = 1_000_000;
const MEDIA_FORMATS = ['wav', 'webm', 'mp4'];

export function projectOf(
  recording: { title: string; recordingId: string; startedAt: Date; durationUs: number },
  rows: readonly StemRow[],
  syncs: ReadonlyMap<string, StemSync>,
  marked: readonly { atMs: number; name: string }[],
): Project {
  const { title, recordingId, startedAt, durationUs } = recording;
  const stems: ProjectStem[] = [];
  const markers: Marker[] = marked.map(({ atMs, name }) => {
    const atUs = Math.min(atMs * 1000, durationUs);
    return { atUs, endUs: atUs, text: name };
  });
  for (const row of rows) {
    const file = row.files.find(({ format }) => MEDIA_FORMATS.includes(format));
    const sync = syncs.get(row.stemId);
    if (file === undefined || sync === undefined) continue;
    const gaps = sync.gaps.filter(gap => gap.cause !== 'dtx' && gap.endUs - gap.startUs >= SHORTEST_GAP_US);
    stems.push({
      name: row.name,
      person: row.participantName,
      kind: kindOf(row.source),
      fileName: `${row.name}.${file.format}`,
      channels: sync.channels,
      size: sync.size ?? { width: 0, height: 0 },
      stretches: between(gaps, durationUs),
    });
    for (const { startUs, endUs, cause } of gaps) {
      markers.push({ atUs: startUs, endUs, text: `${row.name}: ${causeNames[cause]}` });
    }
  }
  markers.sort((a, b) => a.atUs - b.atUs || (a.text < b.text ? -1 : 1));
  return { title, recordingId, startedAt: startedAt.toISOString(), durationUs, stems, markers };
}

/** In words for producers. */
export const causeNames: Record<StemGap['cause'], string> = {
  late: 'not there yet',
  muted: 'muted or switched off',
  paused: 'the recording was paused',
  left: 'gone',
  'no-packets': 'nothing arrived',
  'network-loss': 'lost on the network',
  'recorder-restarted': 'lost while a recorder restarted',
  'recorder-full': 'not kept, the recorder’s disk was full',
  'recorder-damaged': 'lost or damaged in storage',
  dtx: 'nothing to be heard',
  'capture-stall': 'the device delivered nothing',
};

/** What the gaps leave; the whole where they leave nothing, as a track without a clip would look lost. */
function between(gaps: readonly StemGap[], durationUs: number): Stretch[] {
  const stretches: Stretch[] = [];
  let cursorUs = 0;
  for (const { startUs, endUs } of gaps) {
    if (startUs > cursorUs) stretches.push({ startUs: cursorUs, endUs: startUs });
    cursorUs = Math.max(cursorUs, endUs);
  }
  if (cursorUs < durationUs) stretches.push({ startUs: cursorUs, endUs: durationUs });
  return stretches.length > 0 ? stretches : [{ startUs: 0, endUs: durationUs }];
}

/** Outwards, so that a cut at frames never takes anything away. */
export const toFrames = ({ startUs, endUs }: Stretch, durationUs: number) => ({
  start: Math.floor((startUs * PROJECT_FPS) / 1e6),
  end: Math.min(framesOf(durationUs), Math.ceil((endUs * PROJECT_FPS) / 1e6)),
});
export const framesOf = (durationUs: number) => Math.round((durationUs * PROJECT_FPS) / 1e6);

/** Seconds with as many digits as a sample needs. */
export const seconds = (us: number): string => (us / 1e6).toFixed(6);
