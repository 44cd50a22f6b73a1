import type { HealthCheck, HealthCheckContext } from '../options/health-check.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { withBuiltInLook } from './built-in-look.ts';
import { readAnswer, resultOf, thrownVerdict } from './check-answer.ts';
import { type CheckResult, type FailedCheck, mayServe, unanswered } from './check-result.ts';
import type { Prober } from './prober.ts';

/** What a check is told of its endpoint. */
export type CheckedEndpoint = Pick<HealthCheckContext, 'endpointId' | 'isActive' | 'options'>;

export interface CustomCheckSetup {
  readonly check: HealthCheck;
  readonly endpoint: () => CheckedEndpoint;
  readonly prober: Pick<Prober, 'look' | 'ask'>;
  readonly clock: Clock;
}

/** Judges an endpoint by a check of the application. */
export class CustomCheck {
  readonly #setup: CustomCheckSetup;
  readonly #running = new Set<AbortController>();

  constructor(setup: CustomCheckSetup) {
    this.#setup = setup;
  }

  /** Never rejects. */
  async look(timeoutMs: number): Promise<CheckResult> {
    // It goes on beside the other: it keeps the connection over which the endpoint is asked, and counts the keys.
    const builtIn = this.#setup.prober.look(timeoutMs);
    const result = await this.#run(timeoutMs, builtIn);
    // What became of the data is known before the check is told to be good.
    const server = await builtIn;
    const isServerGood = !mayServe(result) && server.ok;
    return isServerGood ? { ...(result as FailedCheck), isServerGood } : result;
  }

  /** The endpoint is removed. */
  close(): void {
    for (const run of this.#running) run.abort(new Error('The endpoint was removed, or the client closed.'));
    this.#running.clear();
  }

  #run(timeoutMs: number, builtIn: Promise<CheckResult>): Promise<CheckResult> {
    const { check, endpoint, prober, clock } = this.#setup;
    const run = new AbortController();
    this.#running.add(run);
    const context: HealthCheckContext = {
      ...endpoint(),
      timeoutMs,
      signal: run.signal,
      call: (name, ...args) => prober.ask(name, args),
    };
    return new Promise((resolve) => {
      const settle = (result: CheckResult): void => {
        timeout.cancel();
        this.#running.delete(run);
        resolve(result);
      };
      const timeout = patientTimeout(clock, timeoutMs, () => {
        const late = tooLate(timeoutMs);
        settle(late);
        run.abort(late.error);
      });
      new Promise((answer) => answer(check(withBuiltInLook(context, () => builtIn)))).then(
        (answer) => settle(resultOf(readAnswer(answer))),
        (reason: unknown) => settle(resultOf(thrownVerdict(reason))),
      );
    });
  }
}

/** Whatever the check waited for, it need not be the endpoint. */
function tooLate(timeoutMs: number): FailedCheck {
  return { ...unanswered(`the health check has not answered within ${timeoutMs} ms`, 'timeout'), isAnswer: true };
}
