import { Redis, type RedisOptions } from 'ioredis';
import { refusal } from '../commands/special-commands.ts';
import { callOffCluster } from '../ioredis-internals/cluster-source.ts';
import { discardClient } from '../ioredis-internals/discard-client.ts';
import { monitorAtOnce } from '../ioredis-internals/monitoring.ts';
import type { ResolvedEndpoint } from '../options/types.ts';
import { isCluster, makeClient } from './endpoint-kinds.ts';

/**
 * Connects to one endpoint and has it tell all that it executes, as ioredis's `monitor()` does: the client that is resolved
 * is ioredis's own. It stays with that endpoint, because what it hears is about one server.
 *
 * @param override What `duplicate()` was given.
 * @throws GeoFailoverError `GEO_UNSUPPORTED_COMMAND` for a Cluster, and for a client that is not ioredis's; whatever the
 * endpoint's factory of clients throws; or why the endpoint could not be reached.
 */
export async function monitorEndpoint(endpoint: ResolvedEndpoint, override: RedisOptions): Promise<Redis> {
  const credentials = await endpoint.credentialsProvider?.();
  const monitor = createMonitor(endpoint, { ...override, ...credentials, monitor: true, lazyConnect: false });
  monitorAtOnce(monitor);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      // Nobody else could: ioredis itself leaves such a client behind, which connects again and again.
      discardClient(monitor);
      reject(error);
    };
    monitor.once('error', fail);
    monitor.once('monitoring', () => {
      monitor.off('error', fail);
      resolve(monitor);
    });
  });
}

function createMonitor(endpoint: ResolvedEndpoint, options: RedisOptions): Redis {
  if (typeof endpoint.redis !== 'function') return new Redis({ ...endpoint.redis, ...options });
  const made = makeClient(endpoint);
  if (isCluster(made)) callOffCluster(made);
  if (isCluster(made) || !isOfIoredis(made)) throw refusal('monitor');
  const monitor = made.duplicate(options);
  discardClient(made);
  return monitor;
}

function isOfIoredis(made: unknown): made is Redis {
  return typeof made === 'object' && made !== null && 'sendCommand' in made;
}
