import type { EndpointClient } from '../endpoints/endpoint-client.ts';
import type { ResolvedHealthCheck } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import type { CheckResult } from './check-result.ts';
import type { DataCheck } from './data-check.ts';
import { HealthMonitor } from './health-monitor.ts';
import { Prober, type ProberSetup, lookAfresh } from './prober.ts';
import { RoleCheck } from './role-check.ts';

export interface EndpointChecksSetup {
  readonly createClient: () => EndpointClient;
  readonly options: ResolvedHealthCheck;
  readonly verifyTimeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRound: (result: CheckResult, startedAt: number) => void;
  readonly dataCheck?: DataCheck;
  readonly onRoleUnknown: (reason: string) => void;
}

/** All looking at one endpoint: in the background, and when somebody wants to know. */
export class EndpointChecks {
  readonly #proberSetup: ProberSetup;
  readonly #prober: Prober;
  readonly #monitor: HealthMonitor;
  readonly #verifyTimeoutMs: number;

  constructor(setup: EndpointChecksSetup) {
    const { createClient, clock, random, options, onRound, dataCheck } = setup;
    this.#proberSetup = { createClient, clock, roleCheck: new RoleCheck(setup.onRoleUnknown) };
    this.#prober = new Prober({ ...this.#proberSetup, ...(dataCheck !== undefined && { dataCheck }) });
    this.#monitor = new HealthMonitor({ prober: this.#prober, options, clock, random, onRound });
    this.#verifyTimeoutMs = setup.verifyTimeoutMs;
  }

  start(): void {
    this.#monitor.start();
  }

  stop(): void {
    this.#monitor.stop();
    this.#prober.close();
  }

  /** Asks the server something over the connection of the probes. */
  ask(name: string, args: readonly string[]): Promise<unknown> {
    return this.#prober.ask(name, args);
  }

  /** Looks over a new connection, and over the one of the probes as well when that proves something. Never rejects. */
  verify({ alsoOnProbeConnection }: { readonly alsoOnProbeConnection: boolean }): Promise<CheckResult> {
    const fresh = lookAfresh(this.#proberSetup, this.#verifyTimeoutMs);
    if (!alsoOnProbeConnection || !this.#prober.isConnected) return fresh;
    return firstAnswer([this.#prober.look(this.#verifyTimeoutMs), fresh]);
  }
}

/**
 * The first look that settles the matter: a good one, or one in which the server itself said no. Looks without an answer
 * count when all have ended without one.
 */
export function firstAnswer(looks: readonly Promise<CheckResult>[]): Promise<CheckResult> {
  return new Promise((resolve) => {
    let open = looks.length;
    for (const look of looks) {
      void look.then((result) => {
        open--;
        if (result.ok || result.isAnswer || open === 0) resolve(result);
      });
    }
  });
}
