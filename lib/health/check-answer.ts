import { toError } from '../errors.ts';
import type { HealthCheckReason } from '../events.ts';
import { withoutCommand } from '../ioredis-internals/without-command.ts';
import type { HealthCheckVerdict, UnhealthyVerdict } from '../options/health-check.ts';
import { printValue } from '../options/mask.ts';
import { type CheckResult, type FailedCheck, GOOD } from './check-result.ts';
import { failureReason } from './failure-reason.ts';

const REASONS: Readonly<Record<HealthCheckReason, true>> = {
  ...{ timeout: true, refused: true, connection: true, dns: true, tls: true, auth: true, role: true },
  ...{ loading: true, rejected: true, lag: true, http: true, custom: true },
};

/** Verdicts by the looks that they were made of: these know more. */
const looks = new WeakMap<UnhealthyVerdict, FailedCheck>();

const WRONG = 'healthCheck.check must answer true, false or a verdict ({ ok, reason }), and answered';

/** Reads what a check of the application answered; from JavaScript it may be anything. */
export function readAnswer(answer: unknown): HealthCheckVerdict {
  if (typeof answer === 'boolean') return answer ? { ok: true } : { ok: false, reason: 'custom' };
  const { ok } = (answer ?? {}) as { readonly ok?: unknown };
  if (ok === true) return { ok };
  if (ok === false) return answer as UnhealthyVerdict;
  return { ok: false, reason: 'custom', message: `${WRONG} ${printValue(answer)}` };
}

export function resultOf(verdict: HealthCheckVerdict): CheckResult {
  if (verdict.ok) return GOOD;
  const { message, reason, failbackOnly } = verdict;
  const gate = failbackOnly === true ? { isFailbackOnly: true } : {};
  const look = looks.get(verdict);
  if (look !== undefined) return { ...look, ...gate };
  return {
    ok: false,
    // It says nothing of the connection for data, over which replies may still come.
    isAnswer: true,
    error: new Error(message ?? 'The health check failed.'),
    reason: Object.hasOwn(REASONS, reason) ? reason : 'custom',
    ...gate,
  };
}

/** What the application is told of a look that failed. */
export function verdictOf(look: FailedCheck): UnhealthyVerdict {
  const verdict: UnhealthyVerdict = {
    ok: false,
    reason: look.reason,
    message: look.error.message,
    ...(look.isFailbackOnly === true && { failbackOnly: true }),
  };
  looks.set(verdict, look);
  return verdict;
}

/** The verdict of a check that threw or rejected. */
export function thrownVerdict(thrown: unknown): UnhealthyVerdict {
  const reason = failureReason(thrown, 'custom');
  return verdictOf({ ok: false, isAnswer: true, error: withoutCommand(toError(thrown)), reason });
}

/** The same verdict, which gates failback only. */
export function failbackOnly(verdict: UnhealthyVerdict): UnhealthyVerdict {
  const gated: UnhealthyVerdict = { ...verdict, failbackOnly: true };
  const look = looks.get(verdict);
  if (look !== undefined) looks.set(gated, look);
  return gated;
}
