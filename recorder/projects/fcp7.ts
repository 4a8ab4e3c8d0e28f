import { framesOf, PROJECT_FPS, PROJECT_RATE_HZ, type Project, type ProjectStem, toFrames } from './model.ts';
import { element, plain, type XmlElement, xmlDocument } from './xml.ts';

/** Final Cut Pro 7's interchange format (xmeml 5), which Premiere and Resolve import. */
export function finalCutProject(project: Project): string {
  const { title, durationUs, stems, markers, recordingId } = project;
  const [video, audio] = (['video', 'audio'] as const).map(kind => stems.filter(stem => stem.kind === kind));
  const size = largest(video ?? []);
  const picture = plain(
    'format',
    plain('samplecharacteristics', rate(), plain('width', size.width), plain('height', size.height)),
  );
  const sequence = element(
    'sequence',
    { id: 'sequence-1' },
    plain('uuid', recordingId),
    plain('duration', framesOf(durationUs)),
    rate(),
    plain('name', title),
    plain(
      'media',
      plain('video', picture, ...(video ?? []).map(stem => track(stem, project))),
      plain(
        'audio',
        plain(
          'format',
          plain('samplecharacteristics', plain('depth', 24), plain('samplerate', PROJECT_RATE_HZ)),
        ),
        ...(audio ?? []).map(stem => track(stem, project)),
      ),
    ),
    timecode(),
    ...markers.map(({ atUs, endUs, text }) => {
      const { start, end } = toFrames({ startUs: atUs, endUs }, durationUs);
      // Without a length it has no end: −1.
      return plain(
        'marker',
        plain('name', text),
        plain('comment', ''),
        plain('in', start),
        plain('out', endUs === atUs ? -1 : end),
      );
    }),
  );
  return xmlDocument(element('xmeml', { version: 5 }, sequence), '<!DOCTYPE xmeml>\n');
}

const rate = () => plain('rate', plain('timebase', PROJECT_FPS), plain('ntsc', 'FALSE'));
const timecode = () =>
  plain('timecode', rate(), plain('string', '00:00:00:00'), plain('frame', 0), plain('displayformat', 'NDF'));

function largest(video: readonly ProjectStem[]): { width: number; height: number } {
  const areaOf = ({ size }: ProjectStem) => size.width * size.height;
  return video.toSorted((a, b) => areaOf(b) - areaOf(a))[0]?.size ?? { width: 1280, height: 720 };
}

/** The file is described in the first of its clips, and named in the others. */
function track(stem: ProjectStem, project: Project): XmlElement {
  const { durationUs } = project;
  const clips = stem.stretches.map((stretch, index) => {
    const { start, end } = toFrames(stretch, durationUs);
    const file = index === 0 ? fileOf(stem, durationUs) : element('file', { id: `file-${stem.name}` });
    return element(
      'clipitem',
      { id: `clip-${stem.name}-${index}` },
      plain('name', stem.name),
      plain('enabled', 'TRUE'),
      plain('duration', framesOf(durationUs)),
      rate(),
      plain('start', start),
      plain('end', end),
      plain('in', start),
      plain('out', end),
      file,
      plain('sourcetrack', plain('mediatype', stem.kind), plain('trackindex', 1)),
    );
  });
  return plain('track', ...clips, plain('enabled', 'TRUE'), plain('locked', 'FALSE'));
}

function fileOf(stem: ProjectStem, durationUs: number): XmlElement {
  const media =
    stem.kind === 'video'
      ? plain(
          'video',
          plain(
            'samplecharacteristics',
            rate(),
            plain('width', stem.size.width),
            plain('height', stem.size.height),
          ),
        )
      : plain(
          'audio',
          plain('samplecharacteristics', plain('depth', 24), plain('samplerate', PROJECT_RATE_HZ)),
          plain('channelcount', stem.channels),
        );
  return element(
    'file',
    { id: `file-${stem.name}` },
    plain('name', stem.fileName),
    plain('pathurl', stem.fileName),
    rate(),
    plain('duration', framesOf(durationUs)),
    timecode(),
    plain('media', media),
  );
}
