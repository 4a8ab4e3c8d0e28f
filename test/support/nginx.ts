import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
const given = join(import.meta.dirname, '../../infra/deploy/nginx/cratersync.conf');
const BINARY = '/usr/sbin/nginx';

/** Debian's nginx with our configuration; only ports and paths are others. */
export class Nginx {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(
    folder: string,
    ports: { http: number; https: number; signaling: number },
  ): Promise<Nginx> {
    const config = await Nginx.#configure(folder, ports);
    // It says what is wrong, and ends with an error.
    await run(BINARY, ['-t', '-c', config]);
    const child = spawn(BINARY, ['-c', config, '-g', 'daemon off;'], { stdio: 'inherit' });
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
      return listens(ports.https);
    });
    return new Nginx(child);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGQUIT');
    setTimeout(() => this.#child.kill('SIGTERM'), 1000).unref();
    await ended;
  }

  static async #configure(
    folder: string,
    ports: { http: number; https: number; signaling: number },
  ): Promise<string> {
    await mkdir(join(folder, 'tls'), { recursive: true });
    const [key, certificate] = [join(folder, 'tls/privkey.pem'), join(folder, 'tls/fullchain.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '2'];
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', certificate, ...subject],
    ]);
    const site = (await readFile(given, 'utf8'))
      .replaceAll('/etc/cratersync/tls', join(folder, 'tls'))
      .replaceAll('/var/log/nginx', folder)
      .replaceAll(/^.*listen \[::\].*$/gm, '')
      .replaceAll('listen 80;', `listen 127.0.0.1:${ports.http};`)
      .replaceAll('listen 443 ', `listen 127.0.0.1:${ports.https} `)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.signaling}`)
      .replaceAll('studio.example.org', 'localhost');
    await writeFile(join(folder, 'site.conf'), site);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      name => `${name}_temp_path ${folder}/${name};`,
    );
    const whole = [
      `pid ${folder}/nginx.pid;`,
      `error_log ${folder}/error.log;`,
      'events {}',
      `http { ${temporary.join(' ')} include ${folder}/site.conf; }`,
    ];
    const file = join(folder, 'nginx.conf');
    await writeFile(file, `${whole.join('\n')}\n`);
    return file;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
