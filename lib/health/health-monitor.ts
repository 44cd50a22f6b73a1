import type { ResolvedHealthCheck } from '../options/types.ts';
import { inBackground } from '../time/background.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { type CheckResult, GOOD } from './check-result.ts';
import type { Prober } from './prober.ts';
import { judgeProbes } from './probing-policy.ts';

/** Rounds of a fleet must not fall into step. */
const JITTER = 0.1;

export interface HealthMonitorSetup {
  readonly prober: Prober;
  readonly options: ResolvedHealthCheck;
  readonly clock: Clock;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
  /** @param startedAt When the round began: what was learned since then is newer. */
  readonly onRound: (result: CheckResult, startedAt: number) => void;
}

/** Checks one endpoint again and again, whether it is active or not. */
export class HealthMonitor {
  readonly #setup: HealthMonitorSetup;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(setup: HealthMonitorSetup) {
    this.#setup = setup;
  }

  start(): void {
    inBackground(() => void this.#round());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #round(): Promise<void> {
    const { clock, random, options, onRound } = this.#setup;
    const startedAt = clock.now();
    const result = await this.#probe();
    if (this.#isStopped) return;
    onRound(result, startedAt);
    const interval = options.intervalMs * (1 + JITTER * (random() - 0.5));
    const pause = Math.max(0, interval - (clock.now() - startedAt));
    this.#timer = clock.after(pause, () => void this.#round());
  }

  async #probe(): Promise<CheckResult> {
    const { prober, options, clock } = this.#setup;
    let succeeded = 0;
    let last: CheckResult = GOOD;
    let failure: CheckResult = GOOD;
    for (let done = 1; done <= options.probes; done++) {
      last = await prober.look(options.timeoutMs);
      if (last.ok) succeeded++;
      else failure = last;
      const verdict = judgeProbes(options.policy, { total: options.probes, succeeded, failed: done - succeeded });
      if (verdict === true) return GOOD;
      if (verdict === false) return failure;
      await new Promise<void>((resolve) => clock.after(options.probeDelayMs, resolve));
    }
    return last;
  }
}
