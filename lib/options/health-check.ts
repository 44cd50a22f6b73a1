import type { HealthCheckReason } from '../events.ts';

/** Where an endpoint is, as far as a check needs to know. Undefined for what a socket's path, Sentinels or a Cluster hide. */
export interface HealthCheckTarget {
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Whether connections are encrypted. */
  readonly tls: boolean;
}

/** What a health check is told, and may ask. */
export interface HealthCheckContext {
  readonly endpointId: string;
  /** Whether commands go to the endpoint now. */
  readonly isActive: boolean;
  /** Time for the answer, in milliseconds: `healthCheck.timeoutMs`. */
  readonly timeoutMs: number;
  /** Aborted when the time is up, or the endpoint is removed. */
  readonly signal: AbortSignal;
  readonly options: HealthCheckTarget;
  /**
   * Asks the endpoint over the connection of its probes, as `call()` of ioredis does. It leaves alone what belongs to that
   * connection (the selected database, subscriptions). A Cluster has no connection for that, and rejects.
   */
  readonly call: (name: string, ...args: readonly (string | number | Buffer)[]) => Promise<unknown>;
}

export interface HealthyVerdict {
  readonly ok: true;
}

export interface UnhealthyVerdict {
  readonly ok: false;
  readonly reason: HealthCheckReason;
  /** For people; it is shown in events, so that it must hold no secret. */
  readonly message?: string;
  /** The endpoint may serve all the same, and is not left for that; but the client does not go back to it. */
  readonly failbackOnly?: boolean;
}

export type HealthCheckVerdict = HealthyVerdict | UnhealthyVerdict;

/** Whether all is well, or what is not. */
export type HealthCheckAnswer = boolean | HealthCheckVerdict;

/** Looks at an endpoint. One that throws, rejects or does not answer in time has failed. */
export type HealthCheck = (context: HealthCheckContext) => HealthCheckAnswer | Promise<HealthCheckAnswer>;
