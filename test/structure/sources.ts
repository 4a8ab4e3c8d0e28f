import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';

export const root = path.join(import.meta.dirname, '..', '..');

/** Every file of the project as git sees it, new ones included, ignored ones not. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter(file => file !== '' && existsSync(path.join(root, file)));
}

export const readProjectFile = (file: string) => readFileSync(path.join(root, file), 'utf8');

export const isCode = (file: string) => /\.(ts|tsx|js|cjs)$/.test(file);

/** What a file imports, statically, dynamically or by re-export, as it is written there. */
export function importsOf(file: string): string[] {
  const { module, errors } = parseSync(file, readProjectFile(file));
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const text = readProjectFile(file);
  const named = [
    ...module.staticImports.map(statement => statement.moduleRequest.value),
    ...module.staticExports.flatMap(statement =>
      statement.entries.flatMap(entry => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(
      ({ moduleRequest: { start, end } }) => /^['"](.*)['"]$/.exec(text.slice(start, end))?.[1] ?? [],
    ),
  ];
  return [...new Set(named)];
}

/**
 * The part of the project that an import leads to, as `workspace` or `workspace/folder`: `signaling/protocol`,
 * `recorder/format`. Undefined for what is not ours.
 */
export function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return partOf(path.join(path.dirname(file), specifier));
  const [scope, workspace, ...rest] = specifier.split('/');
  return scope === '@cratersync' ? [workspace, ...rest].join('/') : undefined;
}

/** `recorder/format/seal.ts` belongs to `recorder/format`, `recorder/main.ts` to `recorder`. */
export function partOf(file: string): string {
  const [workspace = '', ...rest] = file.split('/');
  return rest.length > 1 ? `${workspace}/${rest[0]}` : workspace;
}
