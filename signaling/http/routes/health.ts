import { Router } from 'express';
import type { Routes } from '../dependencies.ts';

export function healthRoutes({ health }: Routes): Router {
  return Router().get('/healthz', async (_request, response) => {
    const report = await health();
    response
      .status(report.ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json(report);
  });
}
