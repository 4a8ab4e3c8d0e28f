import { type ProjectFormat, projectFormat } from '@cratersync/signaling/protocol';
import type { StemRow, StemSync } from '../stems/index.ts';
import { audacityLabels, audacityList } from './audacity.ts';
import { certificateOf } from './certificate.ts';
import { dawProject } from './dawproject.ts';
import { finalCutProject } from './fcp7.ts';
import { projectOf } from './model.ts';
import { otioTimeline } from './otio.ts';
import { certificatePage } from './report.ts';
import { reaperProject } from './rpp.ts';

export interface ProjectSource {
  recording: { title: string; recordingId: string; startedAt: Date; durationUs: number };
  rows: readonly StemRow[];
  /** By stem. */
  syncs: ReadonlyMap<string, StemSync>;
  /** Places that people have given names. */
  markers: readonly { atMs: number; name: string }[];
}

/** What each is called beside the stems. */
export const projectNames = {
  rpp: 'recording.rpp',
  lof: 'recording.lof',
  labels: 'labels.txt',
  dawproject: 'recording.dawproject',
  fcp7: 'recording.xml',
  otio: 'recording.otio',
  sync: 'sync.json',
  report: 'sync.html',
} as const satisfies Record<ProjectFormat, string>;

export const projectFormats: readonly ProjectFormat[] = projectFormat.options;

/** One project or the certificate. The same recording gives the same bytes. */
export async function projectFile(format: ProjectFormat, source: ProjectSource): Promise<Buffer> {
  const { recording, rows, syncs, markers } = source;
  const project = projectOf(recording, rows, syncs, markers);
  const certificate = certificateOf(recording, rows, syncs);
  switch (format) {
    case 'rpp':
      return Buffer.from(reaperProject(project));
    case 'lof':
      return Buffer.from(audacityList(project));
    case 'labels':
      return Buffer.from(audacityLabels(project));
    case 'dawproject':
      return await dawProject(project);
    case 'fcp7':
      return Buffer.from(finalCutProject(project));
    case 'otio':
      return Buffer.from(otioTimeline(project));
    case 'sync':
      return Buffer.from(`${JSON.stringify(certificate, null, 2)}\n`);
    case 'report':
      return Buffer.from(certificatePage(certificate));
  }
}
