import type { ClientConnections } from './client-connections.ts';
import type { Connection } from './endpoints/connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { noteReplaced } from './endpoints/replaced-connections.ts';
import type { EndpointSuccessors } from './geo-core-member.ts';

export interface ClientSuccessorsSetup {
  readonly connections: ClientConnections;
  /** Whether the client should have a connection to the endpoint. */
  readonly isConnectedTo: (endpointId: string) => boolean;
  /** This connection is not the one to its endpoint any more. It is to be closed when what is in flight was answered. */
  readonly onLeft: (connection: Connection) => void;
}

interface Successor {
  readonly endpoint: Endpoint;
  readonly connection: Connection | undefined;
  readonly onChange: () => void;
}

/** One client's connections to what shall replace an endpoint, each beside the one that is used meanwhile. */
export class ClientSuccessors implements EndpointSuccessors {
  readonly #setup: ClientSuccessorsSetup;
  readonly #successors = new Map<string, Successor>();

  constructor(setup: ClientSuccessorsSetup) {
    this.#setup = setup;
  }

  connect(endpoint: Endpoint, onChange: () => void): void {
    this.callOff(endpoint.id);
    const { connections, isConnectedTo } = this.#setup;
    if (!isConnectedTo(endpoint.id)) return;
    const connection = connections.connectBeside(endpoint, onChange);
    this.#successors.set(endpoint.id, { endpoint, connection, onChange });
  }

  nudge(endpoint: Endpoint): void {
    this.#successorFor(endpoint)?.connection?.nudge();
  }

  isReady(endpoint: Endpoint): boolean {
    return this.#successorFor(endpoint)?.connection?.isReady ?? true;
  }

  take(endpoint: Endpoint): void {
    const { connections, isConnectedTo, onLeft } = this.#setup;
    const successor = this.#successorFor(endpoint);
    // A client without standbys may have left the endpoint meanwhile.
    const isNeeded = isConnectedTo(endpoint.id);
    if (successor === undefined || !isNeeded) this.callOff(endpoint.id);
    else this.#successors.delete(endpoint.id);
    const left = connections.replace(endpoint.id, isNeeded ? successor?.connection : undefined);
    if (left === undefined) return;
    noteReplaced(left);
    if (isNeeded) connections.tryToConnectTo(endpoint);
    onLeft(left);
  }

  discard(endpoint: Endpoint): void {
    if (this.#successorFor(endpoint) !== undefined) this.callOff(endpoint.id);
  }

  /** Nothing replaces the endpoint any more. */
  callOff(endpointId: string): void {
    const successor = this.#successors.get(endpointId);
    if (successor === undefined) return;
    this.#successors.delete(endpointId);
    if (successor.connection !== undefined) this.#setup.connections.closeBeside(successor.connection);
    successor.onChange();
  }

  close(): void {
    for (const endpointId of [...this.#successors.keys()]) this.callOff(endpointId);
  }

  #successorFor(endpoint: Endpoint): Successor | undefined {
    const successor = this.#successors.get(endpoint.id);
    return successor?.endpoint === endpoint ? successor : undefined;
  }
}
