import { readFileSync } from 'node:fs';

const file = new URL('../../package.json', import.meta.url);

/** Of the checkout that this process was started from. */
export const version: string = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
