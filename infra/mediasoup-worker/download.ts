// download.ts MEDIASOUP_PACKAGE_DIR OUTPUT_FILE: fetches the worker that mediasoup's makers have built for this
// kind of machine, from where mediasoup's own installer looks for it. Ends with code 1, and one line, if it can't.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where there is no way out the answer must come soon; a slow line may take longer for the file itself. */
const answerLimitMs = 5_000;
const fileLimitMs = 60_000;

const [packageDir = '', output = ''] = process.argv.slice(2);

try {
  await download(releaseUrl(packageDir), output);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  console.error(`  no prebuilt mediasoup worker: ${cause instanceof Error ? cause.message : cause}`);
  process.exit(1);
}

/** As in mediasoup's npm-scripts.mjs. */
function releaseUrl(dir: string): string {
  const pkg: { version: string; repository: { url: string } } = JSON.parse(
    readFileSync(path.join(dir, 'package.json'), 'utf8'),
  );
  const repository = pkg.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  const base =
    process.env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] ?? `${repository}/releases/download`;
  const kernel = platform() === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `${base}/${pkg.version}/mediasoup-worker-${pkg.version}-${platform()}-${arch()}${kernel}.tgz`;
}

async function download(url: string, file: string): Promise<void> {
  const controller = new AbortController();
  const noAnswer = setTimeout(
    () => controller.abort(new Error(`no answer within ${answerLimitMs / 1000} s`)),
    answerLimitMs,
  );
  const response = await fetch(url, {
    signal: AbortSignal.any([controller.signal, AbortSignal.timeout(fileLimitMs)]),
  });
  clearTimeout(noAnswer);
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const folder = mkdtempSync(`${file}.`);
  try {
    const tar = spawn('tar', ['-xz', '-C', folder, 'mediasoup-worker'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const [[code]] = await Promise.all([
      once(tar, 'exit'),
      pipeline(Readable.fromWeb(response.body), tar.stdin),
    ]);
    if (code !== 0) throw new Error('the archive is damaged');
    chmodSync(path.join(folder, 'mediasoup-worker'), 0o755);
    renameSync(path.join(folder, 'mediasoup-worker'), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
