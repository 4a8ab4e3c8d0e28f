import { framesOf, type Marker, PROJECT_FPS, type Project, type ProjectStem, toFrames } from './model.ts';

/** OpenTimelineIO: one track a stem, gaps as gaps. Objects name their schema and its version, as its file format wants. */
export function otioTimeline(project: Project): string {
  const { title, recordingId, startedAt, stems, markers, durationUs } = project;
  const timeline = {
    OTIO_SCHEMA: 'Timeline.1',
    metadata: { cratersync: { recordingId, startedAt } },
    name: title,
    global_start_time: time(0),
    tracks: {
      OTIO_SCHEMA: 'Stack.1',
      ...item(
        'tracks',
        null,
        markers.map(marker => markerOf(marker, durationUs)),
      ),
      children: stems.map(stem => track(stem, durationUs)),
    },
  };
  return `${JSON.stringify(timeline, null, 2)}\n`;
}

function track(stem: ProjectStem, durationUs: number) {
  const children: object[] = [];
  let cursor = 0;
  for (const stretch of stem.stretches) {
    const { start, end } = toFrames(stretch, durationUs);
    if (start > cursor) children.push(gap(cursor, start));
    children.push(clip(stem, Math.max(start, cursor), end, durationUs));
    cursor = end;
  }
  if (cursor < framesOf(durationUs)) children.push(gap(cursor, framesOf(durationUs)));
  const kind = stem.kind === 'audio' ? 'Audio' : 'Video';
  return { OTIO_SCHEMA: 'Track.1', ...item(stem.name, null, []), kind, children };
}

const gap = (start: number, end: number) => ({
  OTIO_SCHEMA: 'Gap.1',
  ...item('', range(0, end - start), []),
});

const clip = (stem: ProjectStem, start: number, end: number, durationUs: number) => ({
  OTIO_SCHEMA: 'Clip.1',
  ...item(stem.name, range(start, end - start), []),
  media_reference: {
    OTIO_SCHEMA: 'ExternalReference.1',
    metadata: {},
    name: stem.fileName,
    available_range: range(0, framesOf(durationUs)),
    target_url: stem.fileName,
  },
});

function markerOf({ atUs, endUs, text }: Marker, durationUs: number) {
  const { start, end } = toFrames({ startUs: atUs, endUs }, durationUs);
  return {
    OTIO_SCHEMA: 'Marker.2',
    metadata: {},
    name: text,
    color: 'RED',
    marked_range: range(start, end - start),
  };
}

/** What all things on a timeline have. */
const item = (name: string, sourceRange: object | null, markers: object[]) => ({
  metadata: {},
  name,
  source_range: sourceRange,
  effects: [],
  markers,
});

const time = (frames: number) => ({ OTIO_SCHEMA: 'RationalTime.1', rate: PROJECT_FPS, value: frames });
const range = (start: number, duration: number) => ({
  OTIO_SCHEMA: 'TimeRange.1',
  start_time: time(start),
  duration: time(duration),
});
