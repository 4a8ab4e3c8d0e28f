import { ZipFile } from 'yazl';
import { PROJECT_RATE_HZ, type Project, type ProjectStem, seconds } from './model.ts';
import { element, plain, type XmlElement, xmlDocument } from './xml.ts';

/** A project in the open format of Bitwig and PreSonus: a zip of XML, which names the stems beside it. */
export async function dawProject(project: Project): Promise<Buffer> {
  const zip = new ZipFile();
  const mtime = new Date(project.startedAt);
  zip.addBuffer(Buffer.from(dawProjectXml(project)), 'project.xml', { mtime });
  const metadata = plain('MetaData', plain('Title', project.title), plain('Comment', project.recordingId));
  zip.addBuffer(Buffer.from(xmlDocument(metadata)), 'metadata.xml', { mtime });
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts);
}

export function dawProjectXml({ stems, markers, durationUs }: Project): string {
  const tempo = element('Tempo', { value: '120.000000', unit: 'bpm', id: 'tempo' });
  const meter = element('TimeSignature', { numerator: 4, denominator: 4, id: 'meter' });
  const lanes = stems.map((stem, index) => clips(stem, index, durationUs));
  // The format has no empty list of markers.
  const marks = markers.map(({ atUs, text }) => element('Marker', { time: seconds(atUs), name: text }));
  const root = element(
    'Project',
    { version: '1.0' },
    element('Application', { name: 'CraterSync', version: '1' }),
    plain('Transport', tempo, meter),
    plain('Structure', ...stems.map(track)),
    element(
      'Arrangement',
      { id: 'arrangement' },
      element('Lanes', { timeUnit: 'seconds', id: 'lanes' }, ...lanes),
      ...(marks.length > 0 ? [element('Markers', { timeUnit: 'seconds', id: 'markers' }, ...marks)] : []),
    ),
  );
  return xmlDocument(root);
}

function track({ name, kind, channels }: ProjectStem, index: number): XmlElement {
  const attributes = { contentType: kind, loaded: true, id: `track-${index}`, name };
  const channel = {
    audioChannels: Math.max(1, channels),
    role: 'regular',
    solo: false,
    id: `channel-${index}`,
  };
  return element('Track', attributes, element('Channel', channel));
}

function clips(stem: ProjectStem, index: number, durationUs: number): XmlElement {
  const made = stem.stretches.map(({ startUs, endUs }, clip) => {
    const media = {
      ...{ sampleRate: PROJECT_RATE_HZ, channels: Math.max(1, stem.channels), duration: seconds(durationUs) },
      ...{ timeUnit: 'seconds', id: `media-${index}-${clip}` },
    };
    const file = element('File', { path: stem.fileName, external: true });
    return element(
      'Clip',
      {
        ...{ time: seconds(startUs), duration: seconds(endUs - startUs), playStart: seconds(startUs) },
        ...{ contentTimeUnit: 'seconds', name: stem.name },
      },
      element(stem.kind === 'audio' ? 'Audio' : 'Video', media, file),
    );
  });
  return element('Clips', { track: `track-${index}`, timeUnit: 'seconds', id: `clips-${index}` }, ...made);
}
