import type { IoredisCommand } from './types.ts';

/** Calls back before the caller of the command gets its reply. */
export function afterReply(command: IoredisCommand, then: (reply: unknown) => void): void {
  const { resolve } = command;
  command.resolve = (reply) => {
    then(reply);
    resolve.call(command, reply);
  };
}

/** Calls back when the command was rejected, by whomever. */
export function afterError(command: IoredisCommand, then: () => void): void {
  const { reject } = command;
  command.reject = (error) => {
    reject.call(command, error);
    then();
  };
}
