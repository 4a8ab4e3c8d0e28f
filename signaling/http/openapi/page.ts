import { type AppError, errors, titleOf } from '../../protocol/index.ts';
import type { Json } from './component-schemas.ts';
import { operationId } from './document.ts';
import type { Operation } from './operation.ts';
import { groupsOf } from './operations.ts';

const escaped = (text: string) => text.replaceAll(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);
const code = (text: string) => `<code>${escaped(text)}</code>`;

const needed: Record<Operation['needs'], string> = {
  nobody: 'anybody',
  account: 'whoever is signed in',
  member: 'members',
  admin: 'owners and admins',
  owner: 'owners',
};

/** The document for people: one page without a script, that shows every route, and every error by its code. */
export function apiPage(document: Json, { isBilled }: { isBilled: boolean }): string {
  const schemas = (document['components'] as { schemas: Record<string, unknown> }).schemas;
  const { version } = document['info'] as { version: string };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CraterSync API</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/api/page.css">
<header><a href="/">CraterSync</a></header>
<main>
<h1>API <small>${escaped(version)}</small></h1>
<p>All of it lies under <code>/api/v1</code>. A program shows an API token:
<code>Authorization: Bearer cs_…</code>. Owners and admins make them on the organization’s page.
<a href="/api/v1/openapi.json">This document as OpenAPI 3.1</a>.</p>
${Object.entries(groupsOf({ isBilled }))
  .map(
    ([name, group]) =>
      `<h2>${escaped(name)}</h2>\n${Object.entries(group)
        .map(([route, operation]) => entry(route, operation, document))
        .join('\n')}`,
  )
  .join('\n')}
<h2>Shapes</h2>
${Object.entries(schemas)
  .map(([name, schema]) => `<details id="${name}"><summary>${code(name)}</summary>${json(schema)}</details>`)
  .join('\n')}
<h2>Errors</h2>
<p>As <code>application/problem+json</code> (RFC 9457); <code>detail</code> says what to do.</p>
<dl>${errorRows()}</dl>
</main>
</html>
`;
}

interface Described {
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Json }[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { description?: string; content?: Content }>;
}
type Content = Record<string, { schema: Json }>;

function entry(route: string, { summary, needs, scope }: Operation, document: Json): string {
  const [method = '', path = ''] = route.split(' ');
  const shown = path.replaceAll(/:(\w+)/g, '{$1}');
  const paths = document['paths'] as Record<string, Record<string, Described>>;
  const {
    parameters = [],
    requestBody,
    responses,
  } = paths[shown]?.[method.toLowerCase()] ?? { responses: {} };
  const who = `For ${needed[needs]}${scope === undefined ? '' : `, or an API token with ${code(scope)}`}.`;
  const rows = [
    ...parameters.map(each => row(each.name, each.in, typeOf(each.schema), each.description)),
    ...(requestBody === undefined
      ? []
      : [row('body', requestBody.required ? '' : 'optional', shapesOf(requestBody.content))]),
    ...Object.entries(responses)
      .filter(([status]) => status !== 'default')
      .map(([status, { description, content = {} }]) =>
        row(status, 'answer', shapesOf(content), description),
      ),
  ];
  return `<details id="${operationId(route)}"><summary><b class="${method.toLowerCase()}">${method}</b> ${code(shown)} <span>${escaped(summary)}</span></summary>
<p>${who}</p>
<table>${rows.join('')}</table></details>`;
}

const row = (name: string, where: string, type: string, description = ''): string =>
  `<tr><th scope="row">${code(name)}</th><td>${where}</td><td>${type}</td><td>${escaped(description)}</td></tr>`;

/** What is sent: a link to its shape below, or what little there is to say of it. */
const shapesOf = (content: Content): string =>
  Object.entries(content)
    .map(([type, { schema }]) => {
      const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(String(schema['$ref'])) ?? [];
      if (name !== undefined) return `<a href="#${name}">${name}</a>`;
      return type === 'application/json' ? 'JSON' : code(type);
    })
    .join(', ');

function typeOf(schema: Json): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(value => code(String(value))).join(' ');
  const { type, format, minimum, maximum, default: otherwise } = schema;
  const range = typeof minimum === 'number' && typeof maximum === 'number' ? ` ${minimum} to ${maximum}` : '';
  return escaped(`${format ?? type}${range}${otherwise === undefined ? '' : `, else ${otherwise}`}`);
}

/** References become links to the shapes below. */
const json = (value: unknown): string =>
  `<pre>${escaped(JSON.stringify(value, null, 2)).replaceAll(
    /&#34;#\/components\/schemas\/(\w+)&#34;/g,
    '<a href="#$1">$1</a>',
  )}</pre>`;

/** Every kind of error, once: what it says where something is left open. */
function errorRows(): string {
  const { remote: _, ...own } = errors;
  // Whatever they are told of goes into their words.
  const makers = Object.values(own) as unknown as ((...words: string[]) => AppError)[];
  const kinds = new Map(makers.map(make => make('…', '…')).map(error => [error.code, error] as const));
  return [...kinds.values()]
    .toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
    .map(
      ({ code: name, status, message }) =>
        `<dt id="${name}">${status} ${code(name)} ${escaped(titleOf(name))}</dt><dd>${escaped(message)}</dd>`,
    )
    .join('\n');
}

export const apiPageCss = `:root { color-scheme: light dark; --line: light-dark(#d9dee5, #333b47); --soft: light-dark(#f4f6f8, #1a2029); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #11151b); color: light-dark(#1a2029, #e6eaf0); }
header, main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
header a { color: inherit; font-weight: 600; text-decoration: none; }
a { color: light-dark(#1557c0, #8ab8ff); }
h1 small { font-weight: 400; opacity: .7; font-size: 1rem; }
h2 { margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: start; vertical-align: top; padding: .3rem 1rem .3rem 0; font-weight: 400; }
tr + tr > * { border-top: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; padding: .5rem .75rem; }
details:target { outline: 2px solid light-dark(#1557c0, #8ab8ff); }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary span { opacity: .8; }
summary b { display: inline-block; min-width: 4rem; font: 600 .8rem/1 ui-monospace, monospace; }
.get { color: light-dark(#0b6b3a, #6fd49b); } .post { color: light-dark(#1557c0, #8ab8ff); }
.patch { color: light-dark(#8a5a00, #e8b95c); } .delete { color: light-dark(#b3261e, #ff9b93); }
pre { background: var(--soft); border-radius: 6px; padding: .75rem; overflow-x: auto; font-size: .85rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
dt { margin-top: .75rem; font-weight: 600; } dd { margin: 0; }
dt:target { background: var(--soft); }
`;
