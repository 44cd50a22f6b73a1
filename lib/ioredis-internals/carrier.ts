import { tracingChannel } from 'node:diagnostics_channel';
import type { IoredisCommand, IoredisCommandClass } from './types.ts';

/** ioredis's own, in which it tells whoever listens of each command. */
const commands = tracingChannel('ioredis:command');

/** What a carrier asks of whoever sends it. */
export interface CarrierOutcome {
  /** The raw reply and the connection condition by which it has to be read. */
  onReply(reply: unknown): void;
  onError(error: Error): void;
}

/**
 * A fresh command that carries the user's one over another connection.
 *
 * The user's object itself is sent once only. A first sending leaves traces on it: a place in the old client's queues, a
 * timer, counts of SUBSCRIBE replies, a renamed script. With those a second sending was seen to execute INCR twice and
 * to give one caller another caller's reply.
 *
 * The arguments are taken as they are: key prefix and argument transformers were applied when the original was made, and
 * would be applied again by a constructor that is told the command's name.
 */
export function createCarrier(
  original: IoredisCommand,
  outcome: CarrierOutcome,
  { isTraced = true }: { readonly isTraced?: boolean } = {},
): IoredisCommand {
  // A script's own class sends EVAL over a connection that has not seen the script, and EVALSHA afterwards.
  const CommandClass = original.constructor as IoredisCommandClass;
  const carrier = new CommandClass('geo-carrier', [], { replyEncoding: null });
  carrier.name = original.name;
  carrier.args = [...original.args];
  carrier.inTransaction = original.inTransaction;
  if (original.bufferMode === true) carrier.bufferMode = true;
  if (original.isReadOnly === true) carrier.isReadOnly = true;
  // The user's command is one span, and it began with the first sending, unless this is the first.
  carrier.isTraced = isTraced || !commands.hasSubscribers;
  const { resolve, reject } = carrier;
  const span = carrier.isTraced ? undefined : { resolve, reject };
  if (span !== undefined) carrier.promise.catch(() => undefined);
  // Reply transformers go by name and belong to the original, so the carrier hands the raw reply on.
  carrier.resolve = (reply) => {
    clearTimers(carrier);
    outcome.onReply(reply);
    // What it is shaped into, the original's caller gets.
    span?.resolve.call(carrier, null);
  };
  carrier.reject = (error) => {
    clearTimers(carrier);
    outcome.onError(error);
    span?.reject.call(carrier, error);
  };
  return carrier;
}

/** A blocking command may have a timer, which answers with null: it must not answer a second time, nor hold the process. */
function clearTimers(carrier: IoredisCommand): void {
  carrier._clearTimers?.();
}

/** Settles the user's command with a reply that another connection received. */
export function settleWithReply(original: IoredisCommand, reply: unknown, condition: unknown): void {
  // ioredis 6 shapes replies by the protocol of the connection that received them.
  original.setReplyContext?.(condition);
  original.resolve(reply);
}

/** Whether the caller of this command has its answer. */
export function isSettled(command: IoredisCommand): boolean {
  return command.isResolved === true || command.isSettled === true;
}

/**
 * Rejects the command after `timeoutMs`, as ioredis does for `commandTimeout`: counted from the call on, over all attempts.
 * On ioredis 5 a rejection leaves no trace, so that one is made for {@link isSettled}.
 *
 * @param onRejected Called when the command is rejected, for whatever reason.
 */
export function limitTime(command: IoredisCommand, timeoutMs: number, onRejected: () => void): void {
  const { reject } = command;
  command.reject = (error) => {
    command.isSettled = true;
    reject.call(command, error);
    onRejected();
  };
  command.setTimeout(timeoutMs);
}
