import type { EndpointClient } from '../endpoints/endpoint-client.ts';
import type { HealthCheck } from '../options/health-check.ts';
import type { ResolvedHealthCheck } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import type { CheckResult } from './check-result.ts';
import { type CheckedEndpoint, CustomCheck } from './custom-check.ts';
import type { DataCheck } from './data-check.ts';
import { HealthMonitor } from './health-monitor.ts';
import { Prober, type ProberSetup, lookAfresh } from './prober.ts';
import type { ReplicationEnd } from './replication/canary-end.ts';
import { Replication } from './replication/replication.ts';
import { RoleCheck } from './role-check.ts';

export interface EndpointChecksSetup {
  readonly createClient: () => EndpointClient;
  readonly options: () => ResolvedHealthCheck;
  /** What a check of the application is told. */
  readonly endpoint: () => CheckedEndpoint;
  /** The endpoint that a failback to this one would leave. */
  readonly failbackFrom?: () => ReplicationEnd | undefined;
  readonly verifyTimeoutMs: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRound: (result: CheckResult, startedAt: number) => void;
  readonly dataCheck?: DataCheck;
  readonly onRoleUnknown: (reason: string) => void;
}

export interface VerifyOptions {
  /** Look over the connection of the probes as well, when that proves something. */
  readonly alsoOnProbeConnection: boolean;
  /** Run the check of the application, if there is one: in the place of looking at the server, or beside that. */
  readonly customCheck?: 'instead' | 'beside';
}

/** All looking at one endpoint: in the background, and when somebody wants to know. */
export class EndpointChecks implements ReplicationEnd {
  readonly #proberSetup: ProberSetup;
  readonly #prober: Prober;
  readonly #custom: CustomCheck;
  readonly #replication: Replication;
  readonly #monitor: HealthMonitor;
  readonly #setup: EndpointChecksSetup;
  /** The check of the application that was asked last. */
  #asked: HealthCheck | undefined;

  constructor(setup: EndpointChecksSetup) {
    const { createClient, clock, random, options, onRound, dataCheck, endpoint } = setup;
    const { failbackFrom = () => undefined } = setup;
    this.#setup = setup;
    this.#proberSetup = { createClient, clock, roleCheck: new RoleCheck(setup.onRoleUnknown) };
    this.#prober = new Prober({ ...this.#proberSetup, ...(dataCheck !== undefined && { dataCheck }) });
    this.#replication = new Replication({ end: this, failbackFrom, clock, random });
    const asked = { prober: this.#prober, replication: this.#replication };
    this.#custom = new CustomCheck({ endpoint, ...asked, clock });
    const look = (ms: number): Promise<CheckResult> => this.#askApplication(ms) ?? this.#prober.look(ms);
    this.#monitor = new HealthMonitor({ look, options, clock, random, onRound });
  }

  get endpointId(): string {
    return this.#setup.endpoint().endpointId;
  }

  get createClient(): () => EndpointClient {
    return this.#setup.createClient;
  }

  start(): void {
    this.#monitor.start();
  }

  /** Its options are others from now on. */
  restart(): void {
    this.#monitor.restart();
  }

  stop(): void {
    this.#monitor.stop();
    this.#custom.close();
    this.#replication.close();
    this.#prober.close();
  }

  /** Asks the server something over the connection of the probes. */
  ask(name: string, args: readonly string[]): Promise<unknown> {
    return this.#prober.ask(name, args);
  }

  /** Looks at the server over the connection of the probes alone. Never rejects. */
  probe(): Promise<CheckResult> {
    return this.#prober.look(this.#setup.verifyTimeoutMs());
  }

  /** Looks at the server now. Never rejects. */
  async verify({ alsoOnProbeConnection, customCheck }: VerifyOptions): Promise<CheckResult> {
    const custom = customCheck === undefined ? undefined : this.#askApplication();
    if (custom !== undefined && customCheck === 'instead') return custom;
    const server = await this.#lookAtServer(alsoOnProbeConnection);
    return server.ok && custom !== undefined ? custom : server;
  }

  /** Looks by the check of the application, if there is one now. */
  #askApplication(timeoutMs = this.#setup.options().timeoutMs): Promise<CheckResult> | undefined {
    const { check } = this.#setup.options();
    // Nobody asks for what another one proved.
    if (check !== this.#asked) this.#replication.close();
    this.#asked = check;
    return check && this.#custom.look(check, timeoutMs);
  }

  /** Over a new connection, and over the one of the probes as well when that proves something. */
  #lookAtServer(alsoOnProbeConnection: boolean): Promise<CheckResult> {
    const verifyTimeoutMs = this.#setup.verifyTimeoutMs();
    const fresh = lookAfresh(this.#proberSetup, verifyTimeoutMs);
    if (!alsoOnProbeConnection || !this.#prober.isConnected) return fresh;
    return firstAnswer([this.#prober.look(verifyTimeoutMs), fresh]);
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
