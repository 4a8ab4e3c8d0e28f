import { audit, inOrganization, type OrganizationTx, portable } from '@cratersync/db';
import type { ExportContent, OrganizationId } from '@cratersync/signaling/protocol';
import { type Contents, jsonFile, type Opened, textFile } from './contents.ts';
import { readme } from './readme.ts';
import { type ContentSources, DELETED, sealedFiles, stemFiles } from './recording-files.ts';

type Step =
  | { kind: 'organization' }
  | { kind: 'audit'; from: number; to: number; hash: string }
  | ({ kind: 'session' } & portable.SessionPlace)
  | ({ kind: 'recording' } & portable.RecordingPlace);

/** Entries of the audit log in a file: so much is in memory. */
const AUDIT_PAGE = 1000;

/** All of an organization. */
export function organizationContents(
  sources: ContentSources,
  organizationId: OrganizationId,
  wanted: { about: Record<string, unknown>; what: ExportContent; wrappingKey: Buffer },
): Contents {
  const { what, wrappingKey } = wanted;
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) =>
    inOrganization(sources.db, organizationId, work);
  const openStep = async (step: Step): Promise<Opened> => {
    switch (step.kind) {
      case 'organization': {
        const { organization, ...people } = await scoped(portable.organization);
        return {
          files: [
            textFile('README.txt', readme(what)),
            jsonFile('organization.json', { ...organization, ...people }),
          ],
        };
      }
      case 'audit':
        return auditFiles(
          step,
          await scoped(tx => audit.list(tx, { before: step.to + 1 }, step.to - step.from + 1)),
        );
      case 'session': {
        const found = await scoped(tx => portable.session(tx, step));
        return {
          files: found === null ? [] : [jsonFile(`sessions/${step.sessionId}.json`, describeSession(found))],
        };
      }
      case 'recording': {
        const found = await scoped(tx => portable.recording(tx, step));
        if (found === null)
          return { files: [], leftOut: [{ recordingId: step.recordingId, reason: DELETED }] };
        return what === 'stems' ? stemFiles(step, found) : await sealedFiles(sources, step, wrappingKey);
      }
    }
  };
  const keyed = what === 'recordings' ? { wrappingKey: wrappingKey.toString('hex') } : {};
  return {
    about: { organizationId, ...wanted.about, ...keyed },
    plan: () => scoped(planOf),
    open: step => openStep(step as Step),
    gone: async taken => {
      const there = await scoped(tx =>
        portable.kept(
          tx,
          taken.map(({ recordingId }) => recordingId),
        ),
      );
      return taken.map(({ recordingId }) => recordingId).filter(id => !there.includes(id));
    },
  };
}

async function planOf(tx: OrganizationTx): Promise<Step[]> {
  const head = await audit.newest(tx);
  const steps: Step[] = [{ kind: 'organization' }];
  for (let from = 1; head !== null && from <= head.sequence; from += AUDIT_PAGE) {
    const to = Math.min(head.sequence, from + AUDIT_PAGE - 1);
    steps.push({ kind: 'audit', from, to, hash: head.hash.toString('hex') });
  }
  for (const place of await portable.sessions(tx)) steps.push({ kind: 'session', ...place });
  for (const place of await portable.recordings(tx)) steps.push({ kind: 'recording', ...place });
  return steps;
}

function auditFiles(
  { from, to, hash }: { from: number; to: number; hash: string },
  page: audit.NamedEntry[],
): Opened {
  const lines = page.toReversed().map(entry => `${JSON.stringify(audit.describe(entry))}\n`);
  const number = String(Math.ceil(from / AUDIT_PAGE)).padStart(6, '0');
  return { files: [textFile(`audit/${number}.jsonl`, lines.join(''))], audit: { entries: to, head: hash } };
}

export function describeSession({
  session,
  participants,
  recordings,
}: NonNullable<Awaited<ReturnType<typeof portable.session>>>) {
  // There are no transcripts yet; their place is here.
  return {
    ...session,
    participants,
    recordings: recordings.map(recording => ({ ...recording, transcript: null })),
  };
}
