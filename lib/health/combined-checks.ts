import { invalidOptions } from '../options/problems.ts';
import { printValue } from '../options/mask.ts';
import type { HealthCheck, HealthCheckContext, HealthCheckVerdict, UnhealthyVerdict } from '../options/health-check.ts';
import type { ProbingPolicy } from '../options/policy-options.ts';
import { failbackOnly, readAnswer, thrownVerdict } from './check-answer.ts';
import { judgeProbes } from './probing-policy.ts';

/** They answer as soon as the time is up, whatever they are made of. */
const prompt = new WeakSet<HealthCheck>();

/** Good when all checks are. They run side by side. @throws GeoFailoverError `GEO_INVALID_OPTIONS` */
export function allOf(...checks: readonly HealthCheck[]): HealthCheck {
  return combined('allOf', 'all', checks);
}

/** Good when at least one check is. They run side by side. @throws GeoFailoverError `GEO_INVALID_OPTIONS` */
export function anyOf(...checks: readonly HealthCheck[]): HealthCheck {
  return combined('anyOf', 'any', checks);
}

/** Good when more than half of the checks are. They run side by side. @throws GeoFailoverError `GEO_INVALID_OPTIONS` */
export function majorityOf(...checks: readonly HealthCheck[]): HealthCheck {
  return combined('majorityOf', 'majority', checks);
}

/**
 * Makes a check count for failback only: an endpoint that fails it is not left for that, and may be failed over to, but the
 * client does not go back to it.
 *
 * It says nothing of whether the endpoint may serve, so combine it with a check that does:
 * `allOf(pingHealthCheck(), gateFailbackOnly(check))`.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS`
 */
export function gateFailbackOnly(check: HealthCheck): HealthCheck {
  assertChecks('gateFailbackOnly', [check]);
  return promptly(async (context) => {
    const verdict = await verdictBy(check, context, timeIsUp(context));
    return verdict.ok ? verdict : failbackOnly(verdict);
  });
}

function combined(name: string, policy: ProbingPolicy, checks: readonly HealthCheck[]): HealthCheck {
  assertChecks(name, checks);
  const total = checks.length;
  const isGood = (failed: number): boolean =>
    judgeProbes(policy, { total, succeeded: total - failed, failed }) === true;
  return promptly(async (context) => {
    const isLate = timeIsUp(context);
    const verdicts = await Promise.all(checks.map((check) => verdictBy(check, context, isLate)));
    const failed = verdicts.filter((verdict): verdict is UnhealthyVerdict => !verdict.ok);
    // They vote twice: on whether it may serve, and on whether the client may go back to it.
    const unfit = failed.filter((verdict) => verdict.failbackOnly !== true);
    if (!isGood(unfit.length)) return unfit[0] ?? { ok: false, reason: 'custom' };
    if (isGood(failed.length)) return { ok: true };
    const [first] = failed.filter((verdict) => verdict.failbackOnly === true);
    return failbackOnly(first ?? { ok: false, reason: 'custom' });
  });
}

function promptly(check: HealthCheck): HealthCheck {
  prompt.add(check);
  return check;
}

/** One that does not answer in time has failed, and takes nothing away from what the others say. Never rejects. */
function verdictBy(
  check: HealthCheck,
  context: HealthCheckContext,
  isLate: Promise<HealthCheckVerdict>,
): Promise<HealthCheckVerdict> {
  const answer = new Promise((resolve) => resolve(check(context))).then(readAnswer).catch(thrownVerdict);
  return prompt.has(check) ? answer : Promise.race([answer, isLate]);
}

function timeIsUp({ signal }: HealthCheckContext): Promise<HealthCheckVerdict> {
  return new Promise((resolve) => {
    const late = (): void => resolve(thrownVerdict(signal.reason));
    // Who listens to the signal may have something better to say.
    const soon = (): void => void setImmediate(late);
    // A check of the application that runs it may have taken all of the time already.
    if (signal.aborted) soon();
    else signal.addEventListener('abort', soon, { once: true });
  });
}

function assertChecks(name: string, checks: readonly unknown[]): void {
  const problems = checks.flatMap((check, index) =>
    typeof check === 'function'
      ? []
      : [{ path: `${name}[${index}]`, rule: 'must be a health check, a function', value: printValue(check) }],
  );
  if (checks.length === 0) problems.push({ path: name, rule: 'must have at least one health check', value: 'none' });
  if (problems.length > 0) throw invalidOptions(problems);
}
