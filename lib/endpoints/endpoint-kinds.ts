import type { Cluster, RedisOptions } from 'ioredis';
import { callOffCluster } from '../ioredis-internals/cluster-source.ts';
import { printValue } from '../options/mask.ts';
import { invalidOptions } from '../options/problems.ts';
import type { ResolvedEndpoint } from '../options/types.ts';

/** Clusters that were made to see what a factory makes, and not used yet. */
const spare = new WeakMap<ResolvedEndpoint, Cluster>();
const clusters = new WeakSet<ResolvedEndpoint>();
const optionsOfMade = new WeakMap<ResolvedEndpoint, RedisOptions>();
const groups = new WeakMap<readonly ResolvedEndpoint[], boolean>();

/** Whether the endpoint is known to be a Cluster. What a factory makes is not known before it was called once. */
export function isClusterEndpoint(endpoint: ResolvedEndpoint): boolean {
  return clusters.has(endpoint);
}

/** Whether all of them are. The answer stays the same. A factory that throws when it is asked first makes no Cluster. */
export function areAllClusters(endpoints: readonly ResolvedEndpoint[]): boolean {
  const known = groups.get(endpoints);
  if (known !== undefined) return known;
  const areFactories = endpoints.every(({ redis }) => typeof redis === 'function');
  const areClusters = areFactories && endpoints.every(findOut);
  groups.set(endpoints, areClusters);
  return areClusters;
}

/**
 * The client's `isCluster` cannot change under those who have asked already.
 *
 * @param given The endpoints that it rests on.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS`
 */
export function assertSameKind(endpoint: ResolvedEndpoint, given: readonly ResolvedEndpoint[]): void {
  if (!areAllClusters(given) || areAllClusters([endpoint])) return;
  const path = 'endpoint.redis';
  const rule = 'must be a function that returns a Cluster, as that of every other endpoint does';
  throw invalidOptions([{ path, rule, value: printValue(endpoint.redis) }]);
}

/** A function has made a client for this endpoint. To be called before anybody changes its options. */
export function rememberOptions(endpoint: ResolvedEndpoint, options: RedisOptions): void {
  optionsOfMade.set(endpoint, { ...options });
}

/** The endpoint's options; those of the latest client, if a function makes them, and `undefined` before the first. */
export function knownOptions(endpoint: ResolvedEndpoint): RedisOptions | undefined {
  return typeof endpoint.redis === 'object' ? endpoint.redis : optionsOfMade.get(endpoint);
}

/** @throws whatever the endpoint's factory throws. */
export function makeClient(endpoint: ResolvedEndpoint): unknown {
  const made: unknown = spare.get(endpoint) ?? (endpoint.redis as () => unknown)();
  spare.delete(endpoint);
  if (isCluster(made)) clusters.add(endpoint);
  return made;
}

function findOut(endpoint: ResolvedEndpoint): boolean {
  try {
    const made = makeClient(endpoint);
    if (isCluster(made)) {
      callOffCluster(made);
      spare.set(endpoint, made);
    } else {
      (made as { disconnect?(): void } | undefined)?.disconnect?.();
    }
  } catch {
    return false;
  }
  return isClusterEndpoint(endpoint);
}

export function isCluster(made: unknown): made is Cluster {
  return (made as { isCluster?: unknown } | null | undefined)?.isCluster === true;
}
