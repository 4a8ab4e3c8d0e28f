import { EventEmitter, once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recorderProcedures, recorderReports } from '@cratersync/recorder/control';
import {
  call,
  NODES_NAMESPACE,
  NODES_PATH,
  type Request,
  type Response,
  type Sent,
  serve,
} from '@cratersync/signaling/protocol';
import { Server, type Socket } from 'socket.io';

type Reports = typeof recorderReports;
type Procedures = typeof recorderProcedures;

/** Signaling as a recorder meets it: a real socket.io server that keeps all reports and can ask. */
export class FakeSignaling extends EventEmitter {
  readonly #reports: { name: string; body: unknown }[] = [];
  #http: HttpServer | null = null;
  #io: Server | null = null;
  #recorder: Socket | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the port of the last time if there was one. */
  async start(): Promise<void> {
    this.#http = createServer().listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = (this.#http.address() as AddressInfo).port;
    this.#io = new Server(this.#http, { path: NODES_PATH, transports: ['websocket'] });
    this.#io.of(NODES_NAMESPACE).on('connection', socket => this.#welcome(socket));
  }

  async stop(): Promise<void> {
    this.#recorder = null;
    await this.#io?.close();
  }

  /** Asks the connected recorder. */
  ask<K extends keyof Procedures & string>(
    name: K,
    request: Sent<Procedures, K>,
  ): Promise<Response<Procedures, K>> {
    if (this.#recorder === null) throw new Error('no recorder is connected');
    return call(this.#recorder, recorderProcedures, name, request);
  }

  /** The next report of that name that was not returned before, waiting for it. */
  async report<K extends keyof Reports & string>(name: K): Promise<Request<Reports, K>> {
    for (;;) {
      const index = this.#reports.findIndex(report => report.name === name);
      const [found] = index < 0 ? [] : this.#reports.splice(index, 1);
      if (found !== undefined) return found.body as Request<Reports, K>;
      await once(this, 'report');
    }
  }

  #welcome(socket: Socket): void {
    const take = (name: keyof Reports) => (body: unknown) => {
      if (name === 'announce') this.#recorder = socket;
      this.#reports.push({ name, body });
      this.emit('report');
      return null;
    };
    serve(
      socket,
      recorderReports,
      {
        announce: take('announce'),
        'recording.changed': take('recording.changed'),
        'recording.finalized': take('recording.finalized'),
        'recordings.progressed': take('recordings.progressed'),
        'recording.warned': take('recording.warned'),
      },
      { context: undefined, onFault: error => this.emit('error', error) },
    );
  }
}
