import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { StartError } from './start-error.ts';

const script = fileURLToPath(new URL('../mediasoup-worker/ensure.sh', import.meta.url));

/** The path of a mediasoup worker that runs on this machine; built now if need be, which takes minutes. */
export async function ensureMediasoupWorker(env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(script, [], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new StartError('There is no mediasoup worker; what is missing is said above.');
  return output.trim();
}
