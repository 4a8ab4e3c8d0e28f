import { carriedTrace, traced } from '@cratersync/infra/runtime';
import { recorderProcedures } from '@cratersync/recorder/control';
import { sfuProcedures } from '@cratersync/sfu/control';
import { call, errors, type Procedures, type Region, type Response, type Sent } from '../protocol/index.ts';

type NodeSocket = Parameters<typeof call>[0];

/** One connected media node, as something to ask. */
export class NodeLink<P extends Procedures> {
  readonly nodeId: string;
  /** null: it serves all */
  readonly region: Region | null;
  readonly #socket: NodeSocket;
  readonly #procedures: P;

  constructor(
    { nodeId, region }: { nodeId: string; region: Region | null },
    socket: NodeSocket,
    procedures: P,
  ) {
    this.nodeId = nodeId;
    this.region = region;
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
export const sfuLink = (nodeId: string, socket: NodeSocket, region: Region | null = null): SfuLink =>
  new NodeLink({ nodeId, region }, socket, sfuProcedures);
export const recorderLink = (
  nodeId: string,
  socket: NodeSocket,
  region: Region | null = null,
): RecorderLink => new NodeLink({ nodeId, region }, socket, recorderProcedures);

/** The nodes of one kind that are connected now, by id. A node that dials in again replaces its old link. */
export class Nodes<L extends { nodeId: string; region: Region | null }> {
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

  /** Whether there is one, for a region or, without it, for any. */
  serves(region: Region | null = null): boolean {
    return this.#serving(region).length > 0;
  }

  /** @throws `node_unavailable` while that node is away */
  get(nodeId: string): L {
    const link = this.#links.get(nodeId);
    if (link === undefined) throw errors.nodeUnavailable(this.#what);
    return link;
  }

  /**
   * Any node of a region, spread over sessions; never another region's.
   * @param region null: where it does not matter, as there are none
   * @throws `node_unavailable` when there is none; `no_node_in_region` when there are only others
   */
  pick(sessionId: string, region: Region | null): L {
    const links = this.#serving(region);
    const link = links[Number.parseInt(sessionId.slice(0, 8), 16) % Math.max(1, links.length)];
    if (link !== undefined) return link;
    if (region !== null && this.#links.size > 0) throw errors.noNodeInRegion(this.#what, region);
    throw errors.nodeUnavailable(this.#what);
  }

  #serving(region: Region | null): L[] {
    const links = [...this.#links.values()];
    return links.filter(link => region === null || link.region === null || link.region === region);
  }
}
