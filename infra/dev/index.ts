export type { InboxMessage } from './inbox-page.ts';
export { nodeOptionsOf } from './programs.ts';
export { settingsShape } from './settings.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
export { StartError } from './start-error.ts';
