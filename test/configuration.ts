// Writes the table of variables in README.md, which is made of the processes' own schemas: node test/configuration.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsShape } from '@cratersync/infra/dev';
import { processShape } from '@cratersync/infra/runtime';
import { keysShape } from '@cratersync/recorder/keys';
import { storeShape } from '@cratersync/recorder/store';
import { recorderShape, workerShape } from '@cratersync/recorder/testing';
import { sfuShape } from '@cratersync/sfu/testing';
import { signalingShape } from '@cratersync/signaling/testing';
import { z } from 'zod';

const file = join(import.meta.dirname, '../README.md');
const BEGIN = '<!-- made by `make configuration` of the schemas of the processes -->\n\n';
const END = '\n\n<!-- the end of what is made -->';

/** Who reads what; a letter each in the table. */
const processes: Record<string, z.ZodRawShape> = {
  signaling: { ...processShape, ...signalingShape },
  sfu: { ...processShape, ...sfuShape },
  recorder: { ...processShape, ...recorderShape },
  worker: { ...processShape, ...workerShape },
};
/** In the order of the table; the first that describes a variable is believed. */
const shapes: z.ZodRawShape[] = [
  signalingShape,
  settingsShape,
  storeShape,
  keysShape,
  sfuShape,
  recorderShape,
  workerShape,
  processShape,
];

const meta = (schema: unknown): { description?: string | undefined; shown?: unknown } =>
  schema instanceof z.ZodType ? (schema.meta() ?? {}) : {};

/** @returns what stands for an unset variable, and null where it has to be set */
function defaultOf(schema: unknown): string | null {
  const { shown } = meta(schema);
  if (typeof shown === 'string') return shown;
  if (schema instanceof z.ZodDefault) return `\`${String(schema.def.defaultValue)}\``;
  return schema instanceof z.ZodOptional ? 'none' : null;
}

/** @throws when a variable is not described anywhere */
export function configurationTable(): string {
  const names = [...new Set(shapes.flatMap(shape => Object.keys(shape)))];
  const rows = names.map(name => {
    const schemas = shapes.flatMap(shape => shape[name] ?? []);
    const described = schemas.find(schema => meta(schema).description !== undefined);
    if (described === undefined) throw new Error(`${name} has no description in its schema`);
    const readers = Object.entries(processes).flatMap(([process, shape]) => (name in shape ? [process] : []));
    const who =
      readers.length === Object.keys(processes).length ? 'all' : readers.join(', ') || '`make start`';
    return `| \`${name}\` | ${defaultOf(described) ?? 'must be set'} | ${who} | ${meta(described).description} |`;
  });
  return ['| variable | default | read by | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** README.md with the table as it has to be. */
export function readmeWithTable(readme: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error('README.md does not say where the table of variables belongs');
  return readme.slice(0, begin + BEGIN.length) + configurationTable() + readme.slice(end);
}

if (import.meta.main) writeFileSync(file, readmeWithTable(readFileSync(file, 'utf8')));
