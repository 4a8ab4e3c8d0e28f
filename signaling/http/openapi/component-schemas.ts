import { z } from 'zod';
import { memberRole, problem, rest, sessionRole, tokenScope, webhookEvent } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

export type Json = Record<string, unknown>;

/** What the document's components are made of: the shapes that rest.ts exports, and some of their parts. */
const named: Record<string, unknown> = {
  ...rest,
  ...{ problem, memberRole, sessionRole, tokenScope, webhookEvent },
};
export const titleCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const uri = (id: string) => `#/components/schemas/${id}`;

export interface Schemas {
  components: Record<string, Json>;
  /** A reference to a component, or the schema itself. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json;
}

/**
 * One registry for what is sent, one for what is answered: a default makes a field optional in the first only.
 * @param isStrict answers may have no fields beside those that are named
 */
export function componentSchemas(operations: Operations, isStrict: boolean): Schemas {
  const sent = new Set<unknown>(Object.values(operations).map(({ body }) => body));
  const registries = { input: z.registry<{ id: string }>(), output: z.registry<{ id: string }>() };
  const names = new Map<unknown, string>();
  for (const [name, schema] of Object.entries(named)) {
    if (!(schema instanceof z.ZodType) || names.has(schema)) continue;
    names.set(schema, titleCase(name));
    registries[sent.has(schema) ? 'input' : 'output'].add(schema, { id: titleCase(name) });
  }
  const components: Record<string, Json> = {};
  for (const io of ['input', 'output'] as const)
    Object.assign(components, z.toJSONSchema(registries[io], { ...optionsOf(io, isStrict), uri }).schemas);
  const used = reachable(components, [...usedNames(operations, names), 'Problem', 'WebhookPayload']);
  return {
    components: Object.fromEntries(
      [...used].toSorted().map(name => [name, without(components[name] ?? {}, ['$schema', '$id'])]),
    ),
    of: (schema, io) => {
      const name = names.get(schema);
      return name === undefined ? schemaOf(schema, io, isStrict) : { $ref: uri(name) };
    },
  };
}

export const schemaOf = (schema: z.ZodType, io: 'input' | 'output', isStrict = false): Json =>
  without(z.toJSONSchema(schema, optionsOf(io, isStrict)), ['$schema']);

const optionsOf = (io: 'input' | 'output', isStrict: boolean) => ({
  io,
  override: ({ jsonSchema }: { jsonSchema: Json }) => {
    // The format says it; the pattern is hundreds of characters long.
    if (['uuid', 'date-time', 'email'].includes(String(jsonSchema['format']))) delete jsonSchema['pattern'];
    // A program should get along with fields that are new.
    if (io === 'output' && !isStrict && jsonSchema['additionalProperties'] === false)
      delete jsonSchema['additionalProperties'];
  },
});

const without = (schema: Json, names: string[]): Json =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));

const usedNames = (operations: Operations, names: Map<unknown, string>): string[] =>
  Object.values(operations)
    .flatMap(({ body, answers }): unknown[] => [body, ...Object.values(answers)])
    .flatMap(schema => names.get(schema) ?? []);

/** Those that are named, and what they refer to. */
function reachable(all: Record<string, Json>, from: string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const [, next = ''] of JSON.stringify(all[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      queue.push(next);
  }
  return seen;
}
