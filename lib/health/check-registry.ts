import { createEndpointClient } from '../endpoints/endpoint-client.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Clock } from '../time/clock.ts';
import type { CheckResult } from './check-result.ts';
import { EndpointChecks } from './endpoint-checks.ts';

export interface CheckRegistrySetup {
  readonly verifyTimeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRound: (endpoint: Endpoint, result: CheckResult, startedAt: number) => void;
  readonly onRoleUnknown: (endpoint: Endpoint, reason: string) => void;
}

/** The checks of all endpoints. */
export class CheckRegistry {
  readonly #setup: CheckRegistrySetup;
  readonly #checks = new Map<string, EndpointChecks>();

  constructor(setup: CheckRegistrySetup) {
    this.#setup = setup;
  }

  watch(endpoint: Endpoint): void {
    const { verifyTimeoutMs, clock, random, onRound, onRoleUnknown } = this.#setup;
    const checks = new EndpointChecks({
      createClient: () => createEndpointClient(endpoint.options, 'probe'),
      options: endpoint.options.healthCheck,
      verifyTimeoutMs,
      clock,
      random,
      onRound: (result, startedAt) => onRound(endpoint, result, startedAt),
      onRoleUnknown: (reason) => onRoleUnknown(endpoint, reason),
    });
    this.#checks.set(endpoint.id, checks);
    checks.start();
  }

  unwatch(endpointId: string): void {
    this.#checks.get(endpointId)?.stop();
    this.#checks.delete(endpointId);
  }

  /** Looks at an endpoint now. Never rejects. */
  verify(endpointId: string, options: { readonly alsoOnProbeConnection: boolean }): Promise<CheckResult> {
    const checks = this.#checks.get(endpointId);
    if (checks !== undefined) return checks.verify(options);
    return Promise.resolve({
      ok: false,
      isAnswer: false,
      error: new Error('It was removed, or no client is connected.'),
    });
  }

  /** Asks an endpoint something beside the checks, over the connection of its probes. */
  ask(endpointId: string, name: string, args: readonly string[]): Promise<unknown> {
    return this.#checks.get(endpointId)?.ask(name, args) ?? Promise.reject(new Error('It is not watched.'));
  }

  stop(): void {
    for (const endpointId of [...this.#checks.keys()]) this.unwatch(endpointId);
  }
}
