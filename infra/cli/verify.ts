import { parseArgs } from 'node:util';
import { type VerifyReport, verifyRecording } from '@cratersync/recorder/verify';
import { type Command, exitCodes, type Io } from './command.ts';
import { recordingIdFrom } from './recording-id.ts';
import { openExistingKeys, openExistingStore } from './stored.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'read a recording back, decrypt it, and say what holds',
  usage: `Usage: npx cratersync verify RECORDING [--json]

Checks every chunk's hash, order and encryption against the manifest. DATA_DIR (default ./.data), MASTER_KEY_FILE
and S3_* say where recordings and keys are.

  --json   one object: {recordingId, result, chunks, bytes, packets, durationMs, faults: [{key, reason}]}

Ends with 0 when all holds, 1 when something is damaged or incomplete, 2 for wrong usage or configuration, 3 when the
store or the key cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const recordingId = recordingIdFrom(positionals);
    const store = await openExistingStore(io.env);
    try {
      const keys = await openExistingKeys(io.env);
      const onProgress = (done: number, of: number) => io.progress('chunks', done, of);
      const report = await verifyRecording({ store, keys, recordingId, onProgress });
      if (values.json) io.print(JSON.stringify(report));
      else tell(report, io);
      return report.result === 'holds' ? exitCodes.holds : exitCodes.doesNotHold;
    } finally {
      await store.close();
    }
  },
};

function tell({ chunks, bytes, packets, durationMs, result, faults }: VerifyReport, io: Io): void {
  for (const { key, reason } of faults) io.print(`DAMAGED  ${key}: ${reason}`);
  if (result === 'incomplete') {
    io.print('There is no manifest: this recording is not finished, or unknown here.');
    return;
  }
  const verdict = result === 'holds' ? 'All holds' : 'Damaged';
  const seconds = (durationMs / 1000).toFixed(3);
  io.print(`${verdict}: ${chunks} chunks, ${bytes} bytes, ${packets} packets, ${seconds} s`);
}
