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
  const cause = whollyRefusedBecause(group, error) ?? abortedBecause(group, error);
  if (cause !== undefined) {
    // rare: transaction-refused-as-a-whole
    group.resetForNextAttempt();
    return { kind: 'rejected', cause };
  }
  group.releaseHeld();
  return { kind: 'answered' };
}

/** MULTI was refused and so was every member, which would have run by itself otherwise: nothing of it was executed. */
function whollyRefusedBecause(group: TransactionGroup, error: Error): Error | undefined {
  const isEmpty = error.message === 'ERR EXEC without MULTI' || replyFailureKind('exec', error.message) === 'rejected';
  return isEmpty && group.held.length === group.commands.length - 1 ? group.held[0]?.heldError : undefined;
}

/** MULTI was taken, and EXEC gave the whole up, for reasons of the server's only. */
function abortedBecause(group: TransactionGroup, error: Error): Error | undefined {
  const [held] = group.held;
  if (!error.message.startsWith('EXECABORT') || group.hasAnsweredError) return undefined;
  if (group.held.some((member) => member.command === group.commands[0])) return undefined;
  if (!error.message.startsWith(BECAUSE)) return held?.heldError;
  const isRefused = replyFailureKind('exec', error.message.slice(BECAUSE.length)) === 'rejected';
  return isRefused ? (held?.heldError ?? error) : undefined;
}

function memberError(group: TransactionGroup, entry: WaitingCommand, error: Error): TransactionVerdict {
  if (replyFailureKind(entry.command.name, error.message) !== 'rejected') {
    // rare: member-refused-for-good
    group.hasAnsweredError = true;
    return { kind: 'answered' };
  }
  group.hold(entry, error);
  return { kind: 'held' };
}
