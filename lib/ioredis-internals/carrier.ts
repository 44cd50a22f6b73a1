import { Command } from 'ioredis';
import type { IoredisCommand, IoredisCommandClass } from './types.ts';

const BaseCommand = Command as unknown as IoredisCommandClass;

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
export function createCarrier(original: IoredisCommand, outcome: CarrierOutcome): IoredisCommand {
  const carrier = new (carrierClass(original))('geo-carrier', [], { replyEncoding: null });
  carrier.name = original.name;
  carrier.args = [...original.args];
  carrier.inTransaction = original.inTransaction;
  if (original.bufferMode === true) carrier.bufferMode = true;
  if (original.isReadOnly === true) carrier.isReadOnly = true;
  // The user's command is one span, and it began with the first sending.
  carrier.isTraced = true;
  carrier.promise.catch(ignore);
  // Reply transformers go by name and belong to the original, so the carrier hands the raw reply on.
  carrier.resolve = (reply) => outcome.onReply(reply);
  carrier.reject = (error) => outcome.onError(error);
  return carrier;
}

/** Settles the user's command with a reply that another connection received. */
export function settleWithReply(original: IoredisCommand, reply: unknown, condition: unknown): void {
  // ioredis 6 shapes replies by the protocol of the connection that received them.
  original.setReplyContext?.(condition);
  original.resolve(reply);
}

/**
 * Whether the caller of this command has its answer. A rejection leaves a mark on ioredis 6 only; where one can happen
 * behind our back (`commandTimeout`), {@link markRejection} leaves one on ioredis 5 as well.
 */
export function isSettled(command: IoredisCommand): boolean {
  return command.isResolved === true || command.isSettled === true;
}

/** Makes a rejection visible to {@link isSettled}. Needed where ioredis itself may reject, which is only `commandTimeout`. */
export function markRejection(command: IoredisCommand): void {
  const { reject } = command;
  command.reject = (error) => {
    command.isSettled = true;
    reject.call(command, error);
  };
}

/** A script's own class sends EVAL on a connection that has not seen the script, and EVALSHA afterwards. */
function carrierClass(original: IoredisCommand): IoredisCommandClass {
  return original.constructor as IoredisCommandClass;
}

/** Whether a command belongs to a script made by `defineCommand`. */
export function isDefinedScript(command: IoredisCommand): boolean {
  return command.constructor !== BaseCommand && command instanceof BaseCommand;
}

function ignore(): void {
  // The outcome goes through `onReply` and `onError`.
}
