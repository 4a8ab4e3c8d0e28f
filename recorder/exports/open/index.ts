export type { Unlock } from './decrypt.ts';
export { type OpenedExport, openExport } from './open-export.ts';
export { ExportRefused } from './refused.ts';
