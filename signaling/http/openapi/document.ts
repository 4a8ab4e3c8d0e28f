import type { z } from 'zod';
import { projectFormat, rest, stemFormat, type WebhookEvent, webhookEvent } from '../../protocol/index.ts';
import { componentSchemas, type Json, type Schemas, schemaOf, titleCase } from './component-schemas.ts';
import type { Answer, Operation, Operations } from './operation.ts';
import { groupsOf } from './operations.ts';

export interface DocumentOptions {
  publicUrl: string;
  version: string;
  /** Plans and billing are there. */
  isBilled: boolean;
  /** Answers may have no fields beside those that are named: for tests. */
  isStrict?: boolean;
}

/** The REST API as an OpenAPI 3.1 document, made of the schemas that requests are parsed by. */
export function openApiDocument({ publicUrl, version, isBilled, isStrict = false }: DocumentOptions): Json {
  const groups = groupsOf({ isBilled });
  const schemas = componentSchemas(Object.assign({}, ...Object.values(groups)), isStrict);
  return {
    openapi: '3.1.0',
    info: {
      title: 'CraterSync API',
      version,
      description:
        'Sessions, recordings and downloads of an organization. A program shows an API token (Authorization: Bearer cs_…), which an owner or admin makes on the organization’s page. Errors are problem details (RFC 9457). Lists come in pages, with the cursor of the next one in `next`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    tags: Object.keys(groups).map(name => ({ name })),
    paths: pathsOf(groups, schemas),
    webhooks: Object.fromEntries(webhookEvent.options.map(event => [event, webhookOf(event, schemas)])),
    components: {
      schemas: schemas.components,
      responses: { Problem: problemResponse },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: cookieName(publicUrl) },
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'cs_…' },
      },
    },
  };
}

const cookieName = (publicUrl: string) =>
  `${publicUrl.startsWith('https:') ? '__Host-' : ''}cratersync-session`;

const header = (type: string, description: string) => ({ schema: { type }, description });
const problemResponse = {
  description: 'What is wrong, and what to do about it',
  headers: {
    'X-Request-Id': header('string', 'Under which it stands in the server’s log'),
    'Retry-After': header('integer', 'With 409 and 429: seconds to wait'),
    RateLimit: header('string', 'How many requests are left, and in how many seconds all are there again'),
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function pathsOf(groups: Record<string, Operations>, schemas: Schemas): Json {
  const paths: Record<string, Json> = {};
  for (const [tag, group] of Object.entries(groups))
    for (const [route, operation] of Object.entries(group)) {
      const [method = '', path = ''] = route.split(' ');
      const shown = path.replaceAll(/:(\w+)/g, '{$1}');
      paths[shown] = { ...paths[shown], [method.toLowerCase()]: describe(route, tag, operation, schemas) };
    }
  return paths;
}

function describe(route: string, tag: string, operation: Operation, schemas: Schemas): Json {
  const { summary, body, scope, needs, isBodyOptional, answers } = operation;
  const parameters = parametersOf(route, operation);
  const good = Object.entries(answers).map(([status, answer]) => [
    status,
    { description: descriptions[status] ?? '', ...contentOf(answer, schemas) },
  ]);
  const byToken = scope === undefined ? [] : [{ token: [scope] }];
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(scope === undefined ? {} : { description: `API tokens need the scope \`${scope}\`.` }),
    security: needs === 'nobody' ? [] : [{ session: [] }, ...byToken],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: jsonBody(schemas.of(body, 'input'), isBodyOptional !== true) }),
    responses: { ...Object.fromEntries(good), default: { $ref: '#/components/responses/Problem' } },
  };
}

const jsonBody = (schema: Json, required: boolean): Json => ({
  required,
  content: { 'application/json': { schema } },
});

const descriptions: Record<string, string> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted: it will be done',
  204: 'Done; there is nothing to tell',
  206: 'The part that was asked for',
};

function contentOf(answer: Answer, schemas: Schemas): Json {
  if (answer === 'nothing') return {};
  if ('file' in answer)
    return { content: { [answer.file]: { schema: { type: 'string', format: 'binary' } } } };
  return { content: { 'application/json': { schema: schemas.of(answer, 'output') } } };
}

/** `GET /sessions/:sessionId` → `getSessionsBySessionId` */
export const operationId = (route: string): string =>
  route
    .replaceAll(':', 'by-')
    .split(/[^A-Za-z0-9]+/)
    .map((word, i) => (i === 0 ? word.toLowerCase() : titleCase(word)))
    .join('');

/** What stands in paths beside ids. */
const pathSchemas: Record<string, z.ZodType> = { format: stemFormat, project: projectFormat };

function pathSchema(name: string): Json {
  const schema = pathSchemas[name];
  if (schema !== undefined) return schemaOf(schema, 'input');
  return name === 'credentialId' ? { type: 'string' } : { type: 'string', format: 'uuid' };
}

function parametersOf(route: string, { query, once }: Operation): Json[] {
  const inPath = [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true },
    schema: pathSchema(name),
  }));
  const { properties = {} } = query === undefined ? {} : (schemaOf(query, 'input') as { properties?: Json });
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Makes it safe to send this twice: for 24 hours the same key gets the same answer',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  };
  return [...inPath, ...inQuery, ...(once === true ? [key] : [])];
}

const webhookHeaders = {
  'webhook-id': 'The same each time that this message is sent',
  'webhook-timestamp': 'When it was sent, in seconds since 1970',
  'webhook-signature': '`v1,` and the base64 of HMAC-SHA-256 over id.timestamp.body (Standard Webhooks)',
};

const webhookOf = (event: WebhookEvent, schemas: Schemas): Json => ({
  post: {
    operationId: operationId(`webhook ${event}`),
    summary: `Sent to webhooks that listen to ${event}`,
    parameters: Object.entries(webhookHeaders).map(([name, description]) => ({
      ...{ name, in: 'header', required: true, description },
      schema: { type: 'string' },
    })),
    requestBody: jsonBody(schemas.of(rest.webhookPayload, 'output'), true),
    responses: { '2XX': { description: 'It arrived' }, default: { description: 'It is sent again later' } },
  },
});
