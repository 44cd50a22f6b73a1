import type { GeoCore } from './geo-core.ts';
import { isSame } from './options/changes.ts';
import { type ConfigurationEntry, type ConfiguredEndpoint, changedEntries } from './options/configuration.ts';
import { healthCheckOf } from './options/health-check-of.ts';
import { resolveUpdate } from './options/resolve-options.ts';

export function configuredEndpoints({
  registry,
  controller,
}: Pick<GeoCore, 'registry' | 'controller'>): ConfiguredEndpoint[] {
  return controller.state.endpoints.map(({ id, weight }) => ({ weight, options: registry.get(id).options }));
}

/**
 * Puts changed options into effect. Whoever decides something looks at them then; here are those who wait for something that
 * the options before have told them to wait for.
 *
 * @returns what is different now.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS`, `GEO_CLIENT_CLOSED`; nothing is changed then.
 */
export function updateOptions(
  changes: unknown,
  core: Pick<GeoCore, 'options' | 'controller' | 'registry' | 'checks' | 'initialization'>,
): readonly ConfigurationEntry[] {
  const { options, controller, registry, checks } = core;
  controller.assertRunning();
  const before = options.values;
  const now = resolveUpdate(changes, before, { isStarted: !core.initialization.isHolding });
  if (now === before) return [];
  options.become(now);
  for (const endpoint of registry.all) {
    if (!isSame(healthCheckOf(endpoint.options, before), healthCheckOf(endpoint.options, now)))
      checks.restart(endpoint.id);
  }
  const gracePeriodMs = { before: before.failback.gracePeriodMs, now: now.failback.gracePeriodMs };
  const isJitterOutdated = before.failback.jitterMs !== now.failback.jitterMs;
  controller.signal({ type: 'rules', change: { gracePeriodMs, isJitterOutdated } });
  return changedEntries({ before, now }, configuredEndpoints(core));
}
