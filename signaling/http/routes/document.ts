import { createRequire } from 'node:module';
import { Router } from 'express';
import type { Routes } from '../dependencies.ts';
import { openApiDocument } from '../openapi/document.ts';
import { apiPage, apiPageCss } from '../openapi/page.ts';

const { version }: { version: string } = createRequire(import.meta.url)('../../package.json');

/** The API's document, for programs. */
export function documentRoutes({ config, payments }: Pick<Routes, 'config' | 'payments'>): Router {
  const isBilled = payments !== null;
  const document = JSON.stringify(openApiDocument({ publicUrl: config.PUBLIC_URL, version, isBilled }));
  return Router().get('/openapi.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').type('application/json').send(document);
  });
}

/** The API's document, for people. */
export function documentPage({ config, payments }: Pick<Routes, 'config' | 'payments'>): Router {
  const isBilled = payments !== null;
  const page = apiPage(openApiDocument({ publicUrl: config.PUBLIC_URL, version, isBilled }), { isBilled });
  return Router()
    .get('/api', (_request, response) => void response.type('html').send(page))
    .get('/api/page.css', (_request, response) => void response.type('css').send(apiPageCss));
}
