import type { ResolvedEndpoint, ResolvedHealthCheck, ResolvedOptions } from './types.ts';

/** How an endpoint is checked: as all are, but for what it was given itself. */
export function healthCheckOf(
  endpoint: Pick<ResolvedEndpoint, 'healthCheck'>,
  options: Pick<ResolvedOptions, 'healthCheck'>,
): ResolvedHealthCheck {
  return { ...options.healthCheck, ...endpoint.healthCheck };
}
