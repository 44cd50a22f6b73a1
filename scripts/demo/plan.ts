/** The part that each phase has of the whole demo. The rest of it is starting, coming back, and counting. */
const PARTS = { healthy: 0.2, outage: 0.3, after: 0.2, gracePeriod: 0.15, healthInterval: 0.05 } as const;

const DEFAULT_SECONDS = 20;
const LEAST_SECONDS = 2;

export const OPERATIONS_PER_SECOND = 400;

/** The preferred endpoint, which is killed. */
export const PREFERRED = { id: 'eu-west', weight: 1 } as const;
/** The endpoint that takes over. */
export const STANDBY = { id: 'us-east', weight: 0.5 } as const;

/** How long everything lasts, in milliseconds. */
export interface Plan {
  readonly totalMs: number;
  /** Both servers run. */
  readonly healthyMs: number;
  /** The preferred server is dead. */
  readonly outageMs: number;
  /** From the failback to the end. */
  readonly afterMs: number;
  readonly gracePeriodMs: number;
  readonly healthIntervalMs: number;
}

/** Internal: `DEMO_SECONDS` is about the length of the whole demo. The spec sets it; 20 is what people should see. */
export function readPlan(env: NodeJS.ProcessEnv): Plan {
  const seconds = Number(env['DEMO_SECONDS'] ?? DEFAULT_SECONDS);
  if (!Number.isFinite(seconds) || seconds < LEAST_SECONDS) {
    throw new Error(`DEMO_SECONDS must be a number of at least ${LEAST_SECONDS}`);
  }
  const part = (share: number): number => Math.round(share * seconds * 1_000);
  return {
    totalMs: seconds * 1_000,
    healthyMs: part(PARTS.healthy),
    outageMs: part(PARTS.outage),
    afterMs: part(PARTS.after),
    gracePeriodMs: part(PARTS.gracePeriod),
    healthIntervalMs: part(PARTS.healthInterval),
  };
}
