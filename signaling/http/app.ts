import express, { type Express, type RequestHandler, type Router } from 'express';
import { Cookies } from '../accounts/web-session.ts';
import { PlanLimits } from '../billing/standing.ts';
import { errors } from '../protocol/index.ts';
import type { AppOptions, Routes } from './dependencies.ts';
import { DownloadLinks } from './download-links.ts';
import { idempotent } from './idempotency.ts';
import { limits } from './limits.ts';
import { publicPages } from './public/pages.ts';
import { renderError } from './render-error.ts';
import { identified, requestLog } from './request-log.ts';
import { accountDeletionRoutes } from './routes/account-deletion.ts';
import { auditRoutes } from './routes/audit.ts';
import { billingRoutes, stripeWebhook } from './routes/billing.ts';
import { deletionRoutes } from './routes/deletions.ts';
import { deviceRoutes } from './routes/devices.ts';
import { documentPage, documentRoutes } from './routes/document.ts';
import { emailChangeRoutes } from './routes/email-change.ts';
import { exportRoutes } from './routes/exports.ts';
import { healthRoutes } from './routes/health.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { joinRoutes } from './routes/join.ts';
import { keepingRoutes } from './routes/keeping.ts';
import { keyRoutes } from './routes/keys.ts';
import { markerRoutes } from './routes/markers.ts';
import { meRoutes } from './routes/me.ts';
import { memberInvitationRoutes } from './routes/member-invitations.ts';
import { noticeRoutes } from './routes/notices.ts';
import { organizationRoutes } from './routes/organization.ts';
import { organizationDeletionRoutes } from './routes/organization-deletion.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { renderRoutes } from './routes/renders.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { sharedRoutes } from './routes/shared.ts';
import { shareRoutes } from './routes/shares.ts';
import { signInRoutes, signingIn } from './routes/sign-in.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { securityHeaders } from './security-headers.ts';
import { serveClient } from './static.ts';
import { tokenGate } from './token-gate.ts';
import { whoAsks } from './who-asks.ts';

const MAX_BODY_BYTES = 32 * 1024;

/** The HTTP face: REST under /api/v1, health, the client's files. */
export function createApp(options: AppOptions): Express {
  const cookies = new Cookies(options.config.PUBLIC_URL);
  const links = new DownloadLinks(options.config.SEALING_KEY, options.config.SEALING_KEY_PREVIOUS);
  const { payments } = options;
  const asking = whoAsks({ db: options.db, cookies });
  const planLimits = new PlanLimits(payments !== null);
  const routes: Routes = { ...options, ...asking, cookies, links, limits: planLimits };
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', 'loopback');
  app.use(identified, requestLog(options), securityHeaders(options.config.PUBLIC_URL));
  app.use(healthRoutes(routes), documentPage(routes));
  if (options.config.DEV_INBOX_URL !== undefined) app.use(inboxRoutes(options.config.DEV_INBOX_URL));
  if (payments !== null) {
    app.use('/webhooks', sameOrigin(options.config.PUBLIC_URL));
    app.use(stripeWebhook(routes, payments));
  }
  app.use(
    '/api/v1',
    limits({ perMinute: options.config.API_REQUESTS_PER_MINUTE, cookies }),
    sameOrigin(options.config.PUBLIC_URL),
    express.json({ limit: MAX_BODY_BYTES }),
    uncached,
    tokenGate(options.db),
    idempotent(routes),
    ...apiRoutes(routes),
    () => {
      throw errors.notFound('page');
    },
  );
  app.use(publicPages(routes), serveClient(options.clientDir));
  app.use(() => {
    throw errors.notFound('page');
  });
  app.use(renderError({ log: options.log, publicUrl: options.config.PUBLIC_URL }));
  return app;
}

/** Everything below /api/v1. */
function apiRoutes(routes: Routes): Router[] {
  const { payments } = routes;
  const signIn = signingIn(routes);
  return [
    documentRoutes(routes),
    signInRoutes(routes, signIn),
    passkeyRoutes(routes, signIn),
    meRoutes(routes),
    emailChangeRoutes(routes),
    accountDeletionRoutes(routes),
    deviceRoutes(routes),
    organizationRoutes(routes),
    ...(payments === null ? [] : [billingRoutes(routes, payments)]),
    organizationDeletionRoutes(routes),
    memberInvitationRoutes(routes),
    auditRoutes(routes),
    keyRoutes(routes),
    tokenRoutes(routes),
    webhookRoutes(routes),
    sessionRoutes(routes),
    invitationRoutes(routes),
    joinRoutes(routes),
    recordingRoutes(routes),
    shareRoutes(routes),
    sharedRoutes(routes),
    renderRoutes(routes),
    markerRoutes(routes),
    deletionRoutes(routes),
    keepingRoutes(routes),
    noticeRoutes(routes),
    exportRoutes(routes),
  ];
}

const uncached: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** A state change must come from our own pages. Browsers say where they come from; programs have no cookies to abuse. */
function sameOrigin(publicUrl: string): RequestHandler {
  const ours = new URL(publicUrl).origin;
  return (request, _response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const origin = request.headers.origin;
    const site = request.headers['sec-fetch-site'];
    if ((origin !== undefined && origin !== ours) || site === 'cross-site' || site === 'same-site')
      throw errors.crossOrigin();
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody && !request.is('application/json'))
      throw errors.badRequest('send JSON, with Content-Type: application/json');
    next();
  };
}
