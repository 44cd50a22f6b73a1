import type { HealthCheck } from '../options/health-check.ts';
import type { ResolvedHealthCheck } from '../options/types.ts';
import { inBackground } from '../time/background.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { type CheckResult, GOOD, mayServe } from './check-result.ts';
import { judgeProbes } from './probing-policy.ts';

/** Rounds of a fleet must not fall into step. */
const JITTER = 0.1;

export interface HealthMonitorSetup {
  /** One probe. Never rejects. */
  readonly look: (timeoutMs: number) => Promise<CheckResult>;
  readonly options: () => ResolvedHealthCheck;
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
  /** The round that is under way. */
  #round: symbol | undefined;
  /** When the latest one began, and what it asks. */
  #startedAt = 0;
  #check: HealthCheck | undefined;
  #isAnew = false;

  constructor(setup: HealthMonitorSetup) {
    this.#setup = setup;
  }

  start(): void {
    inBackground(() => void this.#run());
  }

  stop(): void {
    this.#isStopped = true;
    this.#round = undefined;
    this.#timer?.cancel();
  }

  /**
   * The options are others: the next round comes when it is due by them. One that asks a check which is replaced begins anew;
   * once, because it may be the check itself that has another one take its place each time.
   */
  restart(): void {
    if (this.#round === undefined) this.#schedule();
    else if (this.#setup.options().check !== this.#check && !this.#isAnew) inBackground(() => void this.#run(true)); // rare: round-restarted
  }

  async #run(isAnew = false): Promise<void> {
    const { clock, options, onRound } = this.#setup;
    this.#isAnew = isAnew;
    this.#check = options().check;
    const round = (this.#round = Symbol('round'));
    const startedAt = (this.#startedAt = clock.now());
    const result = await this.#probe(round);
    if (this.#round !== round) return;
    this.#round = undefined;
    onRound(result, startedAt);
    this.#schedule();
  }

  #schedule(): void {
    const { clock, random, options } = this.#setup;
    if (this.#isStopped) return;
    const interval = options().intervalMs * (1 + JITTER * (random() - 0.5));
    const pause = Math.max(0, interval - (clock.now() - this.#startedAt));
    this.#timer?.cancel();
    this.#timer = clock.after(pause, () => void this.#run());
  }

  /** As long as the round is the current one: nothing is asked for one that nobody waits for. */
  async #probe(round: symbol): Promise<CheckResult> {
    const { look, clock } = this.#setup;
    const options = this.#setup.options();
    const judge = (succeeded: number, done: number): boolean | undefined =>
      judgeProbes(options.policy, { total: options.probes, succeeded, failed: done - succeeded });
    let good = 0;
    let serving = 0;
    let last: CheckResult = GOOD;
    let failure: CheckResult = GOOD;
    let gate: CheckResult = GOOD;
    for (let done = 1; done <= options.probes && this.#round === round; done++) {
      last = await look(options.timeoutMs);
      if (last.ok) good++;
      if (mayServe(last)) serving++;
      else failure = last;
      if (!last.ok && last.isFailbackOnly === true) gate = last;
      const verdict = judge(serving, done);
      if (verdict === true) return judge(good, done) === true ? GOOD : gate;
      if (verdict === false) return failure;
      await new Promise<void>((resolve) => clock.after(options.probeDelayMs, resolve));
    }
    return last;
  }
}
