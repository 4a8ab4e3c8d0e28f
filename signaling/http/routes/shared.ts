import {
  audit,
  inOrganization,
  markers,
  type OrganizationTx,
  recordings,
  renders,
  shares,
  stems,
  withCapability,
} from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { hashOf } from '../../accounts/secrets.ts';
import { askedBySomebody, entry } from '../../audit/asked.ts';
import { AppError, errors, rest } from '../../protocol/index.ts';
import { RateLimit } from '../../rate-limit.ts';
import type { Routes } from '../dependencies.ts';
import { refuse } from '../limits.ts';
import { isBeginning, passOn } from '../pass-on.ts';
import { describeRecording } from './describe-recording.ts';
import { recordingFiles } from './recording-files.ts';

/** A link that is ended ends what is being downloaded by it within so long. */
const RECHECK_MS = 2_000;

/**
 * For whoever was sent a link to a recording. Its secret is all they show, and only to open the page: the files' addresses
 * carry its hash, which opens nothing unless it is signed, and nothing at all once the link has ended.
 */
export function sharedRoutes({ db, worker, links }: Routes): Router {
  const router = Router();
  // Each opening is written down: whoever has a link may not fill the log.
  const openings = new RateLimit({ burst: 30, everyMs: 10_000 });

  /** @throws `share_ended` */
  const opened = async <T>(
    hash: Buffer,
    work: (tx: OrganizationTx, share: shares.OpenedShare, recording: recordings.Recording) => Promise<T>,
  ): Promise<T> => {
    const share = await withCapability(db, { kind: 'share', hash }, tx => shares.open(tx));
    if (share === null) throw errors.shareEnded();
    return inOrganization(db, share.organizationId, async tx => {
      const recording = await recordings.byId(tx, share.recordingId);
      if (recording === null) throw errors.shareEnded();
      return work(tx, share, recording);
    });
  };

  router.post('/shared', async (request, response) => {
    const sent = rest.openShare.safeParse(request.body ?? {});
    // A mistyped link is a link that does not work, not a request of the wrong shape.
    if (sent.error?.issues.some(({ path }) => path[0] === 'token')) throw errors.shareEnded();
    const { token, again } = rest.openShare.parse(request.body);
    const hash = hashOf(token);
    const shown = await opened(hash, async (tx, share, recording) => {
      if (!again) {
        refuse(response, openings.take(share.shareId), 'openings');
        await shares.countOpening(tx, share.shareId);
        const target = { kind: 'share', id: share.shareId } as const;
        await audit.append(tx, entry(askedBySomebody(request, response), 'share.opened', target));
      }
      const urlOf = links.below(share.organizationId, `/api/v1/shared/${hash.toString('base64url')}`);
      return shapeOf(share, await describe(tx, share, recording, urlOf));
    });
    response.json(shown);
  });

  const download =
    (tail: (request: Request) => string) =>
    async (request: Request, response: Response): Promise<void> => {
      response.set('X-Robots-Tag', 'noindex');
      const hash = Buffer.from(String(request.params['shareKey']), 'base64url');
      const place = await opened(hash, async (tx, share) => {
        links.check(share.organizationId, request.baseUrl + request.path, request.query);
        const path = tail(request);
        if (share.contents === 'stems' && path.startsWith('/renders/')) throw errors.notFound('file');
        if (isBeginning(request)) {
          const target = { kind: 'share', id: share.shareId } as const;
          const asked = askedBySomebody(request, response);
          await audit.append(tx, entry(asked, 'share.downloaded', target, { what: path.slice(1) }));
        }
        const below = `/organizations/${share.organizationId}/recordings/${share.recordingId}`;
        return { region: share.region, path: below + path };
      });
      endWith(response, () => opened(hash, async () => {}));
      await passOn(worker, place, request, response);
    };
  for (const [path, tail] of Object.entries(recordingFiles))
    router.get(`/shared/:shareKey${path}`, download(tail));

  return router;
}

/** Breaks an answer off when its link has ended: whoever gets it sees that it is not whole. */
function endWith(response: Response, lookAgain: () => Promise<void>): void {
  const timer = setInterval(() => {
    lookAgain().catch((error: unknown) => {
      // A database that is away says nothing of the link.
      if (error instanceof AppError && error.code === 'share_ended') response.destroy();
    });
  }, RECHECK_MS);
  response.once('close', () => clearInterval(timer));
}

/** The recording, without what is under way and what this link does not open. */
async function describe(
  tx: OrganizationTx,
  { contents }: shares.OpenedShare,
  recording: recordings.Recording,
  urlOf: (tail: string) => string,
): Promise<ReturnType<typeof describeRecording>> {
  const { recordingId } = recording;
  const rows = await stems.ofRecording(tx, recordingId);
  const ordered = contents === 'all' ? await renders.ofRecording(tx, recordingId) : [];
  const there = ordered.filter(({ bytes }) => bytes !== null);
  return describeRecording(recording, rows, there, await markers.ofRecording(tx, recordingId), urlOf);
}

function shapeOf(
  { organizationName, expiresAt, contents }: shares.OpenedShare,
  { sessionId: _, ...recording }: ReturnType<typeof describeRecording>,
): rest.SharedRecording {
  return { organizationName, expiresAt: expiresAt.toISOString(), contents, recording };
}
