import type { RedisOptions } from 'ioredis';
import { commonOptions } from '../options/encoding.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { ClusterConnection } from './cluster/cluster-connection.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import { DataConnection } from './data-connection.ts';
import { createEndpointClient } from './endpoint-client.ts';
import type { Endpoint } from './endpoint.ts';
import { MethodConnection } from './method-connection.ts';

/** A handshake is several round trips, each of which a server may take as long for as for a verification. */
const HANDSHAKE_ROUND_TRIPS = 4;

/** How long a connection may take to become ready, in milliseconds. */
export function handshakeTimeoutMs({ verifyTimeoutMs }: Pick<ResolvedOptions['failover'], 'verifyTimeoutMs'>): number {
  return verifyTimeoutMs * HANDSHAKE_ROUND_TRIPS;
}

export interface ConnectionSetup {
  readonly endpoint: Endpoint;
  readonly options: ResolvedOptions;
  /** What `duplicate()` was given. */
  readonly override: RedisOptions;
  readonly clock: Clock;
  readonly listener: ConnectionListener;
}

/**
 * Makes a connection for data, not started yet.
 *
 * @throws whatever the endpoint's factory of clients throws, and what {@link createEndpointClient} has to say about it.
 */
export function createConnection({ endpoint, options, override, clock, listener }: ConnectionSetup): Connection {
  const { id: endpointId } = endpoint;
  const made = createEndpointClient(endpoint.options, 'data', override, commonOptions(options));
  if (made.kind === 'method') return new MethodConnection({ endpointId, client: made.client, listener });
  const handshake = { handshakeTimeoutMs: () => handshakeTimeoutMs(options.failover) };
  if (made.kind === 'cluster') {
    const { cluster } = made;
    return new ClusterConnection({
      endpointId,
      cluster,
      listener,
      clock,
      ...handshake,
      retireMs: () => options.failover.verifyTimeoutMs,
    });
  }
  const { client, authenticate } = made;
  return new DataConnection({ endpointId, client, authenticate, listener, clock, ...handshake });
}
