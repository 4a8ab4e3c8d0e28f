import { Router } from 'express';
import { errors } from '../../protocol/index.ts';

/** The embedded stack's mail inbox, shown as it shows itself. Mounted only where DEV_INBOX_URL is set. */
export function inboxRoutes(inboxUrl: string): Router {
  const router = Router();
  const pages = { '/dev/inbox': '/', '/dev/inbox/messages': '/messages' };
  for (const [path, target] of Object.entries(pages))
    router.get(path, async (_request, response) => {
      const answer = await fetch(new URL(target, inboxUrl)).catch((error: unknown) => {
        throw errors.unavailable('mail inbox', error);
      });
      response.status(answer.status).type(answer.headers.get('content-type') ?? 'text/plain');
      response.set('Cache-Control', 'no-store').send(await answer.text());
    });
  return router;
}
