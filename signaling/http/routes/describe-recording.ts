import type { markers, recordings, renders, stems } from '@cratersync/db';
import { kindOf, projectFormat, type rest } from '../../protocol/index.ts';

/**
 * What a page is told of a recording.
 * @param urlOf where a file is, that lies so below the recording
 */
export function describeRecording(
  recording: recordings.Recording,
  rows: stems.Stem[],
  ordered: renders.Render[],
  marked: markers.Marker[],
  urlOf: (tail: string) => string,
): Omit<rest.RecordingDetail, 'keeping'> {
  const { recordingId, sessionId, sessionTitle, state, reason, startedAt, durationMs } = recording;
  const settled = rows.every(row => row.files.length > 0 || row.state === 'ready' || row.state === 'failed');
  const any = rows.some(row => row.files.length > 0);
  return {
    recordingId,
    sessionId,
    sessionTitle,
    state,
    reason,
    startedAt: startedAt.toISOString(),
    durationMs,
    stems: rows.map(row => stem(recording, row, urlOf)),
    renders: ordered.map(({ renderId, stemId, format, state: made, progress, note, bytes }) => ({
      ...{ renderId, stemId, format, state: made, progress, note, bytes },
      url: bytes === null ? null : urlOf(`renders/${renderId}`),
    })),
    markers: marked,
    projects: any ? projectFormat.options.map(format => ({ format, url: urlOf(`projects/${format}`) })) : [],
    zipUrl: settled && any ? urlOf('stems.zip') : null,
  };
}

/** What goes with the others, and is nothing to be saved by itself. */
const BESIDE: readonly string[] = ['peaks', 'thumbs', 'sync'];
const PREVIEWS: readonly string[] = ['m4a', 'webm', 'mp4'];

function stem(
  { state: recorded }: recordings.Recording,
  row: stems.Stem,
  linkOf: (path: string) => string,
): rest.Stem {
  const { stemId, name, participantName, source, state, progress, durationMs, note, files } = row;
  const urlOf = (format: string) => linkOf(`stems/${stemId}/${format}`);
  const beside = (...formats: string[]) => {
    const file = files.find(({ format }) => formats.includes(format));
    return file === undefined ? null : urlOf(file.format);
  };
  // What is stored can be heard before its files are made.
  const canBeHeard = recorded === 'complete' && state !== 'failed' && kindOf(source) === 'audio';
  return {
    stemId,
    name,
    participantName,
    source,
    state,
    progress,
    durationMs,
    note,
    files: files
      .filter(({ format }) => !BESIDE.includes(format))
      .map(({ format, bytes }) => ({ format, name: `${name}.${format}`, bytes, url: urlOf(format) })),
    previewUrl: beside(...PREVIEWS) ?? (canBeHeard ? urlOf('preview') : null),
    peaksUrl: beside('peaks'),
    thumbsUrl: beside('thumbs'),
  };
}
