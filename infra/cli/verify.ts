import { parseArgs } from 'node:util';
import { keysShape, openKeys } from '@cratersync/recorder/keys';
import { openStore, storeShape } from '@cratersync/recorder/store';
import { verifyRecording } from '@cratersync/recorder/verify';
import { recordingId as recordingIdSchema } from '@cratersync/signaling/protocol';
import { readConfig } from '../runtime/index.ts';
import type { Command } from './command.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'read a recording back, decrypt it, and say what holds',
  usage: `cratersync verify RECORDING [--json]

Checks every chunk's hash, order and encryption against the manifest. DATA_DIR (default ./.data), MASTER_KEY_FILE
and S3_* say where recordings and keys are.

Ends with 0 when all holds, 1 when something is damaged or incomplete, 2 for wrong usage, 3 when the store or the
key cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const id = recordingIdSchema.safeParse(positionals[0]);
    if (!id.success || positionals.length !== 1) {
      io.complain('Which recording? Give its id, the last part of its page’s address.');
      return 2;
    }
    try {
      const config = readConfig({ ...storeShape, ...keysShape }, io.env);
      const store = await openStore(config);
      const keys = await openKeys(config);
      const report = await verifyRecording({ store, keys, recordingId: id.data });
      await store.close();
      if (values.json) io.print(JSON.stringify(report));
      else {
        const { chunks, bytes, packets, durationMs, result, faults } = report;
        for (const { key, reason } of faults) io.print(`DAMAGED  ${key}: ${reason}`);
        if (result === 'incomplete')
          io.print('There is no manifest: this recording is not finished, or unknown here.');
        else
          io.print(
            `${result === 'holds' ? 'All holds' : 'Damaged'}: ${chunks} chunks, ${bytes} bytes, ${packets} packets, ${(durationMs / 1000).toFixed(3)} s`,
          );
      }
      return report.result === 'holds' ? 0 : 1;
    } catch (error) {
      io.complain(error instanceof Error ? error.message : String(error));
      return 3;
    }
  },
};
