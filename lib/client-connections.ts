import type { RedisOptions } from 'ioredis';
import type { Connection, ConnectionListener } from './endpoints/connection.ts';
import { createConnection } from './endpoints/create-connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { isReplaced } from './endpoints/replaced-connections.ts';
import type { GeoCore } from './geo-core.ts';

export interface ClientConnectionsSetup {
  readonly core: GeoCore;
  /** What `duplicate(override)` was given. */
  readonly override: RedisOptions;
  /** For the `error` event of the application's client. */
  readonly onError: (error: Error) => void;
  readonly listenerOf: (endpoint: Endpoint) => ConnectionListener;
}

/** One client's connections, at most one to each endpoint. */
export class ClientConnections {
  readonly #setup: ClientConnectionsSetup;
  readonly #connections = new Map<string, Connection>();
  /** Of endpoints that are being replaced: those that are not used yet, and those that are not used any more. */
  readonly #beside = new Set<Connection>();
  #isClosed = false;

  constructor(setup: ClientConnectionsSetup) {
    this.#setup = setup;
  }

  get endpointIds(): string[] {
    return [...this.#connections.keys()];
  }

  to(endpointId: string): Connection | undefined {
    return this.#connections.get(endpointId);
  }

  /** @throws whatever the endpoint's factory of clients throws. */
  connectTo(endpoint: Endpoint): void {
    if (this.#connections.has(endpoint.id) || this.#isClosed) return;
    const connection = this.#create(endpoint);
    this.#connections.set(endpoint.id, connection);
    connection.start();
  }

  /**
   * A connection to what shall replace an endpoint, not used yet.
   *
   * @throws whatever the endpoint's factory of clients throws.
   */
  connectBeside(endpoint: Endpoint, onReady: () => void): Connection | undefined {
    if (this.#isClosed) return undefined;
    const connection = this.#create(endpoint, onReady);
    this.#beside.add(connection);
    connection.start();
    return connection;
  }

  /** From now on this is the connection to the endpoint. @returns the one that was; it goes on until {@link closeBeside}. */
  replace(endpointId: string, successor: Connection | undefined): Connection | undefined {
    const connection = this.#connections.get(endpointId);
    if (connection !== undefined) this.#beside.add(connection);
    this.#connections.delete(endpointId);
    if (successor !== undefined && this.#beside.delete(successor)) this.#connections.set(endpointId, successor);
    return connection;
  }

  /** Those to an endpoint that has been replaced, on which something is in flight still. */
  replacedTo(endpointId: string): Connection[] {
    return [...this.#beside].filter((connection) => connection.endpointId === endpointId && isReplaced(connection));
  }

  closeBeside(connection: Connection): void {
    if (this.#beside.delete(connection)) connection.close();
  }

  /** A factory of the application may throw. A good check lets it be called again. */
  tryToConnectTo(endpoint: Endpoint): void {
    try {
      this.connectTo(endpoint);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#setup.core.events.debug('failover', `the factory of ${endpoint.id} threw (${name})`);
    }
  }

  closeTo(endpointId: string): void {
    const connection = this.#connections.get(endpointId);
    this.#connections.delete(endpointId);
    connection?.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#connections.values(), ...this.#beside]) connection.close();
    this.#beside.clear();
  }

  #create(endpoint: Endpoint, onReady?: () => void): Connection {
    const { core, override, listenerOf } = this.#setup;
    const { clock, options } = core;
    const common = listenerOf(endpoint);
    const listener: ConnectionListener = {
      ...common,
      ready: (ready) => {
        common.ready(ready);
        onReady?.();
      },
      handshakeRefused: (refused, error) => this.#tellRefusal(refused, error),
    };
    return createConnection({ endpoint, options, override, clock, listener });
  }

  /** When the checks fail as well, or another endpoint takes over, this is nothing of its own. */
  #tellRefusal(connection: Connection, error: Error): void {
    const { core, onError } = this.#setup;
    const { endpointId: id } = connection;
    if (connection !== this.to(id)) return;
    if (id === core.activeEndpointId && core.controller.standing(id)?.health === 'healthy') onError(error);
  }
}
