import { z } from 'zod';

/** What of the recordings goes into an export: what was rendered of them, or what was recorded, as it is stored. */
export const exportContent = z.enum(['stems', 'recordings']);
export type ExportContent = z.output<typeof exportContent>;
/** By what it is opened. */
export const exportLock = z.enum(['passphrase', 'key']);
export type ExportLock = z.output<typeof exportLock>;
