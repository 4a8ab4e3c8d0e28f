import { join } from 'node:path';
import express, { Router } from 'express';
import expressStaticGzip from 'express-static-gzip';

/** What was sent to one person is for no search engine. */
const SHARED = '/shared';

/** The built client: hashed assets for ever, everything else is the app's one page, asked for anew each time. */
export function serveClient(clientDir: string): Router {
  const router = Router();
  const page = join(clientDir, 'index.html');
  // The page itself has one address more, under which it must not be kept either.
  router.get('/index.html', (_request, response) => response.redirect(301, '/'));
  router.use(
    '/assets',
    // The build has put a compressed one beside each.
    expressStaticGzip(join(clientDir, 'assets'), {
      enableBrotli: true,
      orderPreference: ['br', 'gzip'],
      index: false,
      serveStatic: { immutable: true, maxAge: '1y', fallthrough: false },
    }),
  );
  router.get('/{*path}', express.static(clientDir, { index: false, maxAge: '1h' }));
  router.get('/{*path}', (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    if (request.path === SHARED) response.set('X-Robots-Tag', 'noindex');
    response.sendFile(page, error => {
      // A browser that goes away in the middle is no error.
      if (error && !response.destroyed) next(error);
    });
  });
  return router;
}
