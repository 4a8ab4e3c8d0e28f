import { parseArgs } from 'node:util';
import { initStore, storeShape } from '@cratersync/recorder/store';
import { z } from 'zod';
import { readConfig } from '../runtime/index.ts';
import { type Command, exitCodes, UsageError } from './command.ts';

const shape = {
  ...storeShape,
  PORT: z.coerce.number().int().default(3000),
  PUBLIC_URL: z.url().optional(),
};

const words = {
  made: 'made',
  there: 'already there',
  tried: 'works',
  unsupported: 'not supported here',
  wrong: 'WRONG',
} as const;

export const storage: Command = {
  name: 'storage',
  summary: 'init: make the bucket or directory ready for recordings',
  usage: `Usage: npx cratersync storage init [--json]

Makes what is missing and leaves what is there; it may be run again at any time.
With S3_*: the bucket; a rule that removes uploads in parts that were given up a day ago (no other object ever
expires); leave for browsers to read from PUBLIC_URL. Else: the directory DATA_DIR/store. Then writes, reads back and
deletes an object, and sees whether the store refuses to replace one.

  --json   one array of {what, outcome, detail}

Ends with 0 when the store is ready, 1 when something about it is wrong, 2 for wrong usage or configuration, 3 when it
cannot be reached or refuses us.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    if (positionals.length !== 1 || positionals[0] !== 'init')
      throw new UsageError('There is one thing to do with the storage: init.');
    const config = readConfig(shape, io.env);
    const steps = await initStore(config, config.PUBLIC_URL ?? `http://localhost:${config.PORT}`);
    if (values.json) io.print(JSON.stringify(steps));
    else
      for (const { what, outcome, detail } of steps) {
        io.print(`${what.padEnd(9)}  ${words[outcome]}: ${detail}`);
      }
    return steps.some(step => step.outcome === 'wrong') ? exitCodes.doesNotHold : exitCodes.holds;
  },
};
