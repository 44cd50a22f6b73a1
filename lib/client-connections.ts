import type { RedisOptions } from 'ioredis';
import type { Connection, ConnectionListener } from './endpoints/connection.ts';
import { createConnection } from './endpoints/create-connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
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
    const { core, override, listenerOf } = this.#setup;
    const { clock, options } = core;
    const listener: ConnectionListener = {
      ...listenerOf(endpoint),
      handshakeRefused: (_connection, error) => this.#tellRefusal(endpoint, error),
    };
    const connection = createConnection({ endpoint, options, override, clock, listener });
    this.#connections.set(endpoint.id, connection);
    connection.start();
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
    for (const connection of this.#connections.values()) connection.close();
  }

  /** When the checks fail as well, or another endpoint takes over, this is nothing of its own. */
  #tellRefusal({ id }: Endpoint, error: Error): void {
    const { core, onError } = this.#setup;
    if (id === core.activeEndpointId && core.controller.standing(id)?.health === 'healthy') onError(error);
  }
}
