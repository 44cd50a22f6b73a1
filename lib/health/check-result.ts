import { isServerReply, replyFailureKind } from '../commands/failure-kind.ts';
import { toError } from '../errors.ts';
import { withoutCommand } from '../ioredis-internals/without-command.ts';

/**
 * What a look at an endpoint showed.
 * - `isAnswer`: the server itself said so. A refused connection, or silence, is no answer; nor is "max number of clients".
 */
export type CheckResult = { readonly ok: true } | FailedCheck;

export interface FailedCheck {
  readonly ok: false;
  readonly isAnswer: boolean;
  readonly error: Error;
}

export const GOOD: CheckResult = { ok: true };

/** Reads the error of a PING or of connecting. */
export function failedCheck(error: unknown): CheckResult {
  const reason = withoutCommand(toError(error));
  if (!isServerReply(reason)) return { ok: false, isAnswer: false, error: reason };
  // A user without the right to PING is answered by a healthy server.
  if (reason.message.startsWith('NOPERM')) return GOOD;
  return { ok: false, isAnswer: replyFailureKind('ping', reason.message) !== 'overloaded', error: reason };
}
