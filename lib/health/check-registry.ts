import { createEndpointClient } from '../endpoints/endpoint-client.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { healthCheckOf } from '../options/health-check-of.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { type CheckResult, unanswered } from './check-result.ts';
import { targetOf } from './check-target.ts';
import { DataCheck, type DataLoss } from './data-check.ts';
import { EndpointChecks, type EndpointChecksSetup, type VerifyOptions } from './endpoint-checks.ts';

export interface CheckRegistrySetup {
  readonly options: Pick<ResolvedOptions, 'failover' | 'healthCheck'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly activeId: () => string;
  /** Whether it is better than the active one. */
  readonly isPreferred: (endpointId: string) => boolean;
  readonly onRound: (endpoint: Endpoint, result: CheckResult, startedAt: number) => void;
  /** The keys were counted. @param hasLostData Whether they were lost, and none has come since. */
  readonly onCounted: (endpoint: Endpoint, hasLostData: boolean, loss: DataLoss | undefined) => void;
  /** The server does not tell its role, or how many keys it has. */
  readonly onUnknown: (endpoint: Endpoint, what: 'role' | 'data', reason: string) => void;
}

/** The checks of all endpoints. */
export class CheckRegistry {
  readonly #setup: CheckRegistrySetup;
  readonly #checks = new Map<string, EndpointChecks>();
  /** They outlive the checks: what is compared may have happened while no client was connected. */
  readonly #dataChecks = new WeakMap<Endpoint, DataCheck>();

  constructor(setup: CheckRegistrySetup) {
    this.#setup = setup;
  }

  watch(endpoint: Endpoint): void {
    const checks = this.#create(endpoint, { dataCheck: this.#dataCheckOf(endpoint) });
    this.#checks.set(endpoint.id, checks);
    checks.start();
  }

  /** Looks at what shall replace an endpoint. Never rejects. */
  async lookBeside(endpoint: Endpoint): Promise<CheckResult> {
    const checks = this.#create(endpoint, {});
    const result = await checks.verify({ alsoOnProbeConnection: false, customCheck: 'beside' });
    checks.stop();
    return result;
  }

  /** Another one has the place of an endpoint from now on. It is watched if that was. */
  replace(previous: Endpoint, endpoint: Endpoint): void {
    this.#dataCheckOf(endpoint).inherit(this.#dataCheckOf(previous));
    if (!this.#checks.has(endpoint.id)) return;
    this.unwatch(endpoint.id);
    this.watch(endpoint);
  }

  #create(endpoint: Endpoint, counting: Pick<EndpointChecksSetup, 'dataCheck'>): EndpointChecks {
    const { clock, random, activeId, isPreferred, onRound, onUnknown, options: current } = this.#setup;
    const { id, options } = endpoint;
    return new EndpointChecks({
      createClient: () => createEndpointClient(options, 'probe'),
      options: () => healthCheckOf(options, current),
      endpoint: () => ({ endpointId: id, isActive: id === activeId(), options: targetOf(options) }),
      failbackFrom: () => (isPreferred(id) ? this.#checks.get(activeId()) : undefined),
      verifyTimeoutMs: () => current.failover.verifyTimeoutMs,
      clock,
      random,
      onRound: (result, startedAt) => onRound(endpoint, result, startedAt),
      ...counting,
      onRoleUnknown: (reason) => onUnknown(endpoint, 'role', reason),
    });
  }

  /** How the endpoint is checked has changed. What is known of it stays. */
  restart(endpointId: string): void {
    this.#checks.get(endpointId)?.restart();
  }

  unwatch(endpointId: string): void {
    this.#checks.get(endpointId)?.stop();
    this.#checks.delete(endpointId);
  }

  /** Looks at an endpoint now. Never rejects. */
  async verify(endpointId: string, options: VerifyOptions): Promise<CheckResult> {
    return (await this.#checks.get(endpointId)?.verify(options)) ?? notWatched();
  }

  /** Looks at an endpoint over the connection of its probes, which is quick. Never rejects. */
  async probe(endpointId: string): Promise<CheckResult> {
    return (await this.#checks.get(endpointId)?.probe()) ?? notWatched();
  }

  /** Asks an endpoint something beside the checks, over the connection of its probes. */
  ask(endpointId: string, name: string, args: readonly string[]): Promise<unknown> {
    return this.#checks.get(endpointId)?.ask(name, args) ?? Promise.reject(new Error('It is not watched.'));
  }

  stop(): void {
    for (const endpointId of [...this.#checks.keys()]) this.unwatch(endpointId);
  }

  #dataCheckOf(endpoint: Endpoint): DataCheck {
    const known = this.#dataChecks.get(endpoint);
    if (known !== undefined) return known;
    const { redis } = endpoint.options;
    const { onCounted, onUnknown } = this.#setup;
    const check = new DataCheck({
      database: typeof redis === 'function' ? undefined : (redis.db ?? 0),
      onCounted: (hasLostData, loss) => onCounted(endpoint, hasLostData, loss),
      onUnknown: (reason) => onUnknown(endpoint, 'data', reason),
    });
    this.#dataChecks.set(endpoint, check);
    return check;
  }
}

function notWatched(): CheckResult {
  return unanswered('It was removed, or no client is connected.', 'connection');
}
