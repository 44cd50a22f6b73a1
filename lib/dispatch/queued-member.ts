import { afterError, afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** A member of a transaction of which somebody wants to know whether it was executed. */
export interface QueuedMember {
  readonly command: IoredisCommand;
  readonly then: (isExecuted: boolean) => void;
}

/** A transaction as far as it knows what becomes of its members. */
export interface MembersTransaction {
  /** To be called with a member when the server has queued it. */
  whenExecuted(member: QueuedMember): void;
}

/**
 * Calls back when a command was executed, or failed: before its caller gets the reply, or with the reply to EXEC.
 *
 * @param transactionOf Looked for when the command was answered: what it belongs to may not be known when it is called.
 */
export function afterExecution(
  command: IoredisCommand,
  transactionOf: () => MembersTransaction | undefined,
  then: (isExecuted: boolean) => void,
): void {
  afterReply(command, () => {
    const transaction = transactionOf();
    if (transaction === undefined) then(true);
    else transaction.whenExecuted({ command, then });
  });
  afterError(command, () => then(false));
}

/** @param index The member's place behind MULTI. */
export function isExecutedIn(reply: unknown, index: number): boolean {
  return Array.isArray(reply) && index >= 0 && !(reply[index] instanceof Error);
}
