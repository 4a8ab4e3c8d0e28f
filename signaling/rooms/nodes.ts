import { carriedTrace, traced } from '@cratersync/infra/runtime';
import { recorderProcedures } from '@cratersync/recorder/control';
import { sfuProcedures } from '@cratersync/sfu/control';
import { call, errors, type Procedures, type Response, type Sent } from '../protocol/index.ts';

type NodeSocket = Parameters<typeof call>[0];

/** One connected media node, as something to ask. */
export class NodeLink<P extends Procedures> {
  readonly nodeId: string;
  readonly #socket: NodeSocket;
  readonly #procedures: P;

  constructor(nodeId: string, socket: NodeSocket, procedures: P) {
    this.nodeId = nodeId;
    this.#socket = socket;
    this.#procedures = procedures;
  }

  ask<K extends keyof P & string>(name: K, request: Sent<P, K>, timeoutMs = 5000): Promise<Response<P, K>> {
    return traced(`ask ${name}`, () =>
      call(this.#socket, this.#procedures, name, request, timeoutMs, carriedTrace()),
    );
  }
}

export type SfuLink = NodeLink<typeof sfuProcedures>;
export type RecorderLink = NodeLink<typeof recorderProcedures>;
export const sfuLink = (nodeId: string, socket: NodeSocket): SfuLink =>
  new NodeLink(nodeId, socket, sfuProcedures);
export const recorderLink = (nodeId: string, socket: NodeSocket): RecorderLink =>
  new NodeLink(nodeId, socket, recorderProcedures);

/** The nodes of one kind that are connected now, by id. A node that dials in again replaces its old link. */
export class Nodes<L extends { nodeId: string }> {
  readonly #links = new Map<string, L>();
  readonly #what: string;

  constructor(what: string) {
    this.#what = what;
  }

  add(link: L): void {
    this.#links.set(link.nodeId, link);
  }

  /** Forgets a link, unless the node has already dialled in again. @returns whether it did */
  remove(link: L): boolean {
    return this.#links.get(link.nodeId) === link && this.#links.delete(link.nodeId);
  }

  has(nodeId: string): boolean {
    return this.#links.has(nodeId);
  }

  get size(): number {
    return this.#links.size;
  }

  get connected(): boolean {
    return this.#links.size > 0;
  }

  /** @throws `node_unavailable` while that node is away */
  get(nodeId: string): L {
    const link = this.#links.get(nodeId);
    if (link === undefined) throw errors.nodeUnavailable(this.#what);
    return link;
  }

  /** Any node, spread over sessions. @throws `node_unavailable` when there is none */
  pick(sessionId: string): L {
    const links = [...this.#links.values()];
    const link = links[Number.parseInt(sessionId.slice(0, 8), 16) % Math.max(1, links.length)];
    if (link === undefined) throw errors.nodeUnavailable(this.#what);
    return link;
  }
}
