import { asAccount, portable } from '@cratersync/db';
import type { AccountId } from '@cratersync/signaling/protocol';
import { type Contents, jsonFile, type Opened, textFile } from './contents.ts';
import { describeSession } from './organization-contents.ts';
import { readme } from './readme.ts';
import { type ContentSources, DELETED, elsewhere, stemFiles } from './recording-files.ts';

type Step =
  | { kind: 'account' }
  | { kind: 'audit'; skip: number; limit: number }
  | ({ kind: 'session' } & portable.SessionPlace)
  | ({ kind: 'recording' } & portable.RecordingPlace);

const AUDIT_PAGE = 1000;

/**
 * What is kept of one person, in every organization. All of it is read in the scope of their account, so that the database
 * shows what is theirs, and nothing else.
 */
export function ownContents(
  sources: ContentSources,
  accountId: AccountId,
  about: Record<string, unknown>,
): Contents {
  const scoped = <T>(work: Parameters<typeof asAccount<T>>[2]) => asAccount(sources.db, accountId, work);
  const openStep = async (step: Step): Promise<Opened> => {
    switch (step.kind) {
      case 'account':
        return {
          files: [
            textFile('README.txt', readme('own')),
            jsonFile('account.json', await scoped(portable.account)),
          ],
        };
      case 'audit': {
        const lines = (await scoped(tx => portable.ownAudit(tx, step))).map(
          row => `${JSON.stringify(row)}\n`,
        );
        const number = String(step.skip / AUDIT_PAGE + 1).padStart(6, '0');
        return { files: [textFile(`audit/${number}.jsonl`, lines.join(''))] };
      }
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
        // They were not heard in it.
        if (found.stems.length === 0) return { files: [] };
        if (found.region === (sources.region ?? found.region)) return stemFiles(step, found);
        return { files: [], leftOut: [{ recordingId: step.recordingId, reason: elsewhere(found.region) }] };
      }
    }
  };
  return {
    about: { accountId, ...about },
    plan: () =>
      scoped(async tx => {
        const steps: Step[] = [{ kind: 'account' }];
        const entries = await portable.ownAuditCount(tx);
        for (let skip = 0; skip < entries; skip += AUDIT_PAGE)
          steps.push({ kind: 'audit', skip, limit: Math.min(AUDIT_PAGE, entries - skip) });
        for (const place of await portable.sessions(tx)) steps.push({ kind: 'session', ...place });
        for (const place of await portable.recordings(tx)) steps.push({ kind: 'recording', ...place });
        return steps;
      }),
    open: step => openStep(step as Step),
    gone: async taken => {
      const ids = taken.map(({ recordingId }) => recordingId);
      const there = await scoped(tx => portable.kept(tx, ids));
      return ids.filter(id => !there.includes(id));
    },
  };
}
