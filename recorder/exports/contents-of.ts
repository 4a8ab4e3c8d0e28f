import type { exports } from '@cratersync/db';
import type { Contents } from './contents.ts';
import { organizationContents } from './organization-contents.ts';
import { ownContents } from './own-contents.ts';
import type { ExportPlace } from './place.ts';
import type { ContentSources } from './recording-files.ts';

/** @param wrappingKey locks the keys of the recordings in it */
export function contentsOf(
  sources: ContentSources,
  place: ExportPlace,
  row: exports.Export,
  wrappingKey: Buffer,
): Contents {
  const { exportId, orderedAt, what } = row;
  const about = { exportId, orderedAt: orderedAt.toISOString(), what };
  return 'organizationId' in place
    ? organizationContents(sources, place.organizationId, { about, what, wrappingKey })
    : ownContents(sources, place.accountId, about);
}
