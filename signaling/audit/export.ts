import type { rest } from '../protocol/index.ts';

const columns = [
  'sequence',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'action',
  'targetKind',
  'targetId',
  'targetName',
  'details',
  'address',
  'requestId',
  'hash',
] as const satisfies (keyof rest.AuditEntry)[];

/** RFC 4180, with a header; in UTF-8. */
export async function* auditCsv(entries: AsyncIterable<rest.AuditEntry>): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  for await (const entry of entries) yield `${columns.map(column => cell(entry[column])).join(',')}\r\n`;
}

/** One JSON object a line. */
export async function* auditJsonLines(entries: AsyncIterable<rest.AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

function cell(value: rest.AuditEntry[keyof rest.AuditEntry]): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  // A spreadsheet takes what begins like this for a formula, and names are what people type.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
