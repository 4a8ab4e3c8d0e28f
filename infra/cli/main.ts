import type { Command } from './command.ts';
import { dispatch } from './dispatch.ts';
import { verify } from './verify.ts';

/** All that `npx cratersync` can do. */
const commands: readonly Command[] = [verify];

process.exitCode = await dispatch(commands, process.argv.slice(2), {
  env: process.env,
  print: line => console.log(line),
  complain: line => console.error(line),
});
