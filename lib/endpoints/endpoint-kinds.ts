import type { ResolvedEndpoint } from '../options/types.ts';

/** Clients that were made to see what they are, and not used yet. */
const spare = new WeakMap<ResolvedEndpoint, unknown>();
const clusters = new WeakSet<ResolvedEndpoint>();

/** Whether the endpoint is a Cluster. A factory's result shows it, so that it is not known before the first one. */
export function isClusterEndpoint(endpoint: ResolvedEndpoint): boolean {
  return clusters.has(endpoint);
}

export function noteCluster(endpoint: ResolvedEndpoint): void {
  clusters.add(endpoint);
}

/** @throws whatever the endpoint's factory throws. */
export function makeClient(endpoint: ResolvedEndpoint): unknown {
  const made = spare.get(endpoint);
  spare.delete(endpoint);
  return made ?? (endpoint.redis as () => unknown)();
}
