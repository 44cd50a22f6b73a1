import { replyFailureKind } from '../commands/failure-kind.ts';
import { type TransactionGroup, isExec } from './transaction-group.ts';
import type { WaitingCommand } from './waiting-command.ts';

/**
 * What an error reply means for a transaction.
 * - `held`: a member was refused when it was queued. EXEC will show what becomes of the whole.
 * - `rejected`: EXEC was refused for reasons of the server's only, so nothing was executed.
 * - `answered`: the reply goes to the caller.
 */
export type TransactionVerdict =
  { readonly kind: 'held' } | { readonly kind: 'answered' } | { readonly kind: 'rejected'; readonly cause: Error };

const BECAUSE = 'EXECABORT Transaction discarded because of: ';

export function transactionError(group: TransactionGroup, entry: WaitingCommand, error: Error): TransactionVerdict {
  if (!isExec(entry.command)) return memberError(group, entry, error);
  const [held] = group.held;
  const reason = error.message.startsWith(BECAUSE) ? error.message.slice(BECAUSE.length) : undefined;
  const isRefused =
    !group.hasAnsweredError &&
    !group.held.some((member) => member.command === group.commands[0]) &&
    (reason === undefined ? held !== undefined : replyFailureKind('exec', reason) === 'rejected');
  if (isRefused && error.message.startsWith('EXECABORT')) {
    const cause = held?.heldError ?? error;
    group.resetForNextAttempt();
    return { kind: 'rejected', cause };
  }
  group.releaseHeld();
  return { kind: 'answered' };
}

function memberError(group: TransactionGroup, entry: WaitingCommand, error: Error): TransactionVerdict {
  if (replyFailureKind(entry.command.name, error.message) !== 'rejected') {
    group.hasAnsweredError = true;
    return { kind: 'answered' };
  }
  group.hold(entry, error);
  return { kind: 'held' };
}
