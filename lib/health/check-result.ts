import { isServerReply, replyFailureKind } from '../commands/failure-kind.ts';
import { toError } from '../errors.ts';
import type { HealthCheckReason } from '../events.ts';
import { withoutCommand } from '../ioredis-internals/without-command.ts';
import { failureReason } from './failure-reason.ts';

/**
 * What a look at an endpoint showed.
 * - `isAnswer`: the server itself said so. A refused connection, or silence, is no answer; nor is "max number of clients".
 * - `isFailbackOnly`: it may serve, but is not to be gone back to.
 */
export type CheckResult = { readonly ok: true } | FailedCheck;

export interface FailedCheck {
  readonly ok: false;
  readonly isAnswer: boolean;
  readonly error: Error;
  readonly reason: HealthCheckReason;
  readonly isFailbackOnly?: boolean;
  /** A check of the application says so, although the server itself answers as it should. */
  readonly isServerGood?: boolean;
}

export const GOOD: CheckResult = { ok: true };

/** Codes of errors that come from this side of the network, or from its middle. */
const NO_WAY: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL']);

/** Reads the error of a PING or of connecting. */
export function failedCheck(error: unknown): CheckResult {
  const shown = withoutCommand(toError(error));
  const reason = failureReason(error, 'connection');
  if (!isServerReply(shown)) return { ok: false, isAnswer: false, error: shown, reason };
  // A user without the right to PING is answered by a healthy server.
  if (shown.message.startsWith('NOPERM')) return GOOD;
  return { ok: false, isAnswer: replyFailureKind('ping', shown.message) !== 'overloaded', error: shown, reason };
}

/** A check that failed without a word of the server. */
export function unanswered(message: string, reason: HealthCheckReason): FailedCheck {
  return { ok: false, isAnswer: false, error: new Error(message), reason };
}

/** Whether the endpoint may serve, as far as a check can tell. */
export function mayServe(result: CheckResult): boolean {
  return result.ok || result.isFailbackOnly === true;
}

/** The network brought nothing back from the endpoint, not even a refusal. */
export function isSilence(result: CheckResult): result is FailedCheck {
  if (result.ok || result.isAnswer) return false;
  const { code } = result.error as NodeJS.ErrnoException;
  return result.reason === 'timeout' || result.reason === 'dns' || (code !== undefined && NO_WAY.has(code));
}
