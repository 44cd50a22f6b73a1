import { knownOptions } from '../endpoints/endpoint-kinds.ts';
import type { HealthCheckTarget } from '../options/health-check.ts';
import type { ResolvedEndpoint } from '../options/types.ts';

/** Where an endpoint is, without anything that is secret. */
export function targetOf(endpoint: ResolvedEndpoint): HealthCheckTarget {
  const { host, port, path, sentinels, tls } = knownOptions(endpoint) ?? {};
  // What a function makes is not known before it was called, and what is behind Sentinels or a path never.
  const isAddress = knownOptions(endpoint) !== undefined && sentinels == null && path == null;
  return {
    host: isAddress ? (host ?? 'localhost') : undefined,
    port: isAddress ? (port ?? 6379) : undefined,
    tls: tls != null,
  };
}
