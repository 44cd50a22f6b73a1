import type { CircuitState, HealthStatus } from '../events.ts';

/** What the choice of an endpoint rests on. */
export interface EndpointStanding {
  readonly id: string;
  readonly weight: number;
  readonly health: HealthStatus;
  readonly circuit: CircuitState;
  /** Whether commands could be sent at once: a standby with good checks and no data connection is no target. */
  readonly isReady: boolean;
  /** Good health checks in a row. */
  readonly successes: number;
  /** When the endpoint was left last, unless for a better one, on the monotonic clock. */
  readonly leftAt: number | undefined;
  /** It was left by a failback: it has done nothing, and is the first to turn to when the better one fails. */
  readonly isLeftForBetter: boolean;
  /** For how long since then it is not gone back to, if that is longer than the grace period; `0` when nothing is held against it. */
  readonly holdDownMs: number;
  /** It came back without the keys that it had, and has none yet. */
  readonly hasLostData: boolean;
}

/**
 * The endpoint to use when the active one failed. Unhealthy and isolated ones are never chosen, whatever their weight.
 *
 * Best first: healthy ones; healthy ones inside their grace period or hold-down, which binds failback only; healthy ones that lost their
 * data, unless that is no matter; healthy ones whose circuit is open, when all are; ones that were not checked yet.
 */
export function selectFailoverTarget(
  endpoints: readonly EndpointStanding[],
  options: {
    readonly activeId: string;
    readonly gracePeriodMs: number;
    readonly allowEmptyEndpoint: boolean;
    readonly now: number;
    /** Instead of the weights. */
    readonly choose?:
      ((fit: readonly EndpointStanding[], activeId: string) => EndpointStanding | undefined) | undefined;
  },
): EndpointStanding | undefined {
  const isInGrace = (endpoint: EndpointStanding): boolean =>
    !endpoint.isLeftForBetter && options.now < graceEndsAt(endpoint, options.gracePeriodMs);
  const ready = endpoints.filter((endpoint) => endpoint.isReady && !isIsolated(endpoint));
  const healthy = ready.filter(({ health }) => health === 'healthy');
  const closed = healthy.filter(({ circuit }) => circuit === 'closed');
  const withData = closed.filter(({ hasLostData }) => options.allowEmptyEndpoint || !hasLostData);
  const tiers = [
    withData.filter((endpoint) => !isInGrace(endpoint)),
    withData,
    closed,
    healthy,
    ready.filter(({ health, circuit }) => health === 'unknown' && circuit === 'closed'),
  ];
  for (const tier of tiers) {
    const chosen = tier.length > 1 ? options.choose?.(tier, options.activeId) : undefined;
    const best = chosen ?? heaviest(tier, options.activeId);
    if (best !== undefined) return best;
  }
  return undefined;
}

/** When an endpoint that was left may be gone back to; long ago if it never was. */
export function graceEndsAt(
  { leftAt, holdDownMs }: Pick<EndpointStanding, 'leftAt' | 'holdDownMs'>,
  gracePeriodMs: number,
): number {
  return leftAt === undefined ? Number.NEGATIVE_INFINITY : leftAt + Math.max(gracePeriodMs, holdDownMs);
}

/** Whether commands could go to another endpoint than the active one. */
export function isAnotherUsable(endpoints: readonly EndpointStanding[], activeId: string): boolean {
  return endpoints.some(
    (endpoint) =>
      endpoint.id !== activeId && endpoint.isReady && endpoint.health !== 'unhealthy' && !isIsolated(endpoint),
  );
}

/** Those that commands can be sent to at once. */
export function usableOf(endpoints: readonly EndpointStanding[]): EndpointStanding[] {
  return endpoints.filter((each) => each.health === 'healthy' && each.isReady && !isIsolated(each));
}

/** Whether it has a higher weight than the active endpoint, so that the client would go back to it. */
export function isPreferred(
  { endpoints, activeId }: { readonly endpoints: readonly EndpointStanding[]; readonly activeId: string },
  endpointId: string,
): boolean {
  const weightOf = (wanted: string): number => endpoints.find(({ id }) => id === wanted)?.weight ?? 0;
  return weightOf(endpointId) > weightOf(activeId);
}

/** Somebody keeps commands from it, whatever its health. */
export function isIsolated({ circuit }: Pick<EndpointStanding, 'circuit'>): boolean {
  return circuit === 'isolated';
}

/** Highest weight; of equal ones the active endpoint, else the first listed. */
export function heaviest<T extends { readonly id: string; readonly weight: number }>(
  endpoints: readonly T[],
  activeId: string,
): T | undefined {
  let best: T | undefined;
  for (const endpoint of endpoints) {
    if (best === undefined || endpoint.weight > best.weight) best = endpoint;
    else if (endpoint.weight === best.weight && endpoint.id === activeId) best = endpoint;
  }
  return best;
}
