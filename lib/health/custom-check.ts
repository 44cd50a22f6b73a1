import type { HealthCheck, HealthCheckContext } from '../options/health-check.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { withBuiltInLook } from './built-in-look.ts';
import { readAnswer, resultOf, thrownVerdict } from './check-answer.ts';
import { type CheckResult, type FailedCheck, mayServe, unanswered } from './check-result.ts';
import type { Prober } from './prober.ts';
import { withReplication } from './replication/context-replication.ts';
import type { Replication } from './replication/replication.ts';

/** What a check is told of its endpoint. */
export type CheckedEndpoint = Pick<HealthCheckContext, 'endpointId' | 'isActive' | 'options'>;

export interface CustomCheckSetup {
  readonly endpoint: () => CheckedEndpoint;
  readonly prober: Pick<Prober, 'look' | 'ask'>;
  readonly replication: Pick<Replication, 'prove'>;
  readonly clock: Clock;
}

/** Judges an endpoint by checks of the application. */
export class CustomCheck {
  readonly #setup: CustomCheckSetup;
  readonly #running = new Set<AbortController>();

  constructor(setup: CustomCheckSetup) {
    this.#setup = setup;
  }

  /** Never rejects. */
  async look(healthCheck: HealthCheck, timeoutMs: number): Promise<CheckResult> {
    // It goes on beside the other: it keeps the connection over which the endpoint is asked, and counts the keys.
    const builtIn = this.#setup.prober.look(timeoutMs);
    const result = await this.#run(healthCheck, timeoutMs, builtIn);
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

  #run(healthCheck: HealthCheck, timeoutMs: number, builtIn: Promise<CheckResult>): Promise<CheckResult> {
    const { endpoint, prober, replication, clock } = this.#setup;
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
        run.abort(late.error);
        // Whoever made it of several ones, or has it gate failback only, says now what that comes to.
        clock.afterPoll(() => settle(late));
      });
      new Promise((answer) =>
        answer(
          healthCheck(
            withReplication(
              withBuiltInLook(context, () => builtIn),
              replication,
            ),
          ),
        ),
      ).then(
        (answer) => settle(resultOf(readAnswer(answer))),
        (reason: unknown) => settle(resultOf(thrownVerdict(reason))),
      );
    });
  }
}

/** Whatever the check waited for, it need not be the endpoint. */
function tooLate(timeoutMs: number): FailedCheck {
  const late = unanswered(`the health check has not answered within ${timeoutMs} ms`, 'timeout');
  // By that name it is known again, when it comes back as the reason of something else.
  late.error.name = 'TimeoutError';
  return { ...late, isAnswer: true };
}
