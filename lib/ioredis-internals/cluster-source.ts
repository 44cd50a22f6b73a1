import type { Cluster, RedisOptions } from 'ioredis';
import { GeoFailoverError } from '../errors.ts';

/** Where a node of a Cluster is, with what the application said of it beside that. */
export interface NodeAddress extends RedisOptions {
  readonly host: string;
  readonly port: number;
}

/** Private members of ioredis's Cluster that this package relies on. */
interface ClusterInternals {
  readonly options: ClusterSettings;
  resolveStartupNodeHostnames(): Promise<NodeAddress[]>;
  natMapper(address: { host: string; port: number }): NodeAddress;
}

/** What the application said about its Cluster. */
export interface ClusterSettings {
  readonly redisOptions?: RedisOptions;
  readonly keyPrefix?: string;
  readonly scaleReads?: unknown;
  readonly maxRedirections?: number;
  readonly retryDelayOnTryAgain?: number;
}

const METHODS = ['resolveStartupNodeHostnames', 'natMapper'] as const;

/**
 * What a Cluster client of ioredis knows: where to begin, and how addresses are to be read. It is never connected.
 *
 * Its way of sending commands is not used. It sends commands again whose connection was lost, so that an INCR runs twice,
 * and replaces `reject` of the application's own command.
 */
export class ClusterSource {
  readonly #cluster: ClusterInternals;

  /** @throws GeoFailoverError `GEO_INVALID_OPTIONS` when this version of ioredis is not one that the package knows. */
  constructor(cluster: Cluster, path: string) {
    this.#cluster = cluster as unknown as ClusterInternals;
    callOffCluster(cluster);
    const missing = METHODS.filter((name) => typeof this.#cluster[name] !== 'function');
    if (missing.length === 0) return;
    const rule = `must be a Cluster of ioredis 5.11 or newer, or of 6; ${missing.join(', ')} not found`;
    throw new GeoFailoverError('GEO_INVALID_OPTIONS', `${path} ${rule}`, {
      problems: [{ path, rule, value: 'a Cluster' }],
    });
  }

  get settings(): ClusterSettings {
    return this.#cluster.options;
  }

  /** The nodes that the application named, their host names resolved anew. */
  startupNodes(): Promise<NodeAddress[]> {
    return this.#cluster.resolveStartupNodeHostnames();
  }

  /** Where a node is reached that is known to the Cluster under this address. */
  mapped(host: string, port: number): NodeAddress {
    return this.#cluster.natMapper({ host, port });
  }
}

/** It may have begun to connect in its constructor. No socket exists before the next tick. */
export function callOffCluster(cluster: Cluster): void {
  if (cluster.status === 'connecting') cluster.disconnect();
}
