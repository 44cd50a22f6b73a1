import type { FailureKind } from './retry-decision.ts';

/** First words of replies by which a server says that it did not execute the command, for a reason of its own. */
export const REJECTED: ReadonlySet<string> = new Set([
  ...['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'MISCONF', 'NOREPLICAS', 'UNBLOCKED', 'BUSY', 'NOAUTH'],
]);

/** Of those, the ones that Redis 7 raises at the first write of a script, before anything was written. */
const REJECTED_INSIDE_SCRIPT = new Set(['READONLY', 'MISCONF', 'NOREPLICAS']);

const SCRIPT_COMMANDS = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro']);

/** Redis 7 appends this to an error that a call inside a script raised. The script's own text cannot be told apart otherwise. */
const SCRIPT_MARKER = / script: \S+, on @user_\w+/;

/**
 * Where a command was when its attempt failed. Messages prove nothing here: the same "Connection is closed." is told of
 * commands that were never written and of those that a server has executed.
 * - `unwritten`: no byte of it was handed to a socket. It waited, or its client had no stream that takes writes.
 * - `in-flight`: handed to a socket, and not answered.
 * - `answered`: an error reply came for it.
 */
export type Place = 'unwritten' | 'in-flight' | 'answered';

export interface FailedAttempt {
  readonly commandName: string;
  readonly place: Place;
  /** The reply, or whatever is known of the connection's end: an error of the socket, of TLS, of DNS, of ioredis, or ours. */
  readonly error: Error | undefined;
}

/** What is known of a command whose attempt failed. */
export function failureKind({ commandName, place, error }: FailedAttempt): FailureKind {
  if (place === 'unwritten') return 'not-sent';
  if (place === 'in-flight' || !isServerReply(error)) return 'ambiguous';
  return replyFailureKind(commandName, error.message);
}

/** Whether a server said it. The class cannot be compared: each copy of ioredis has its own. */
export function isServerReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** What an error reply means for the command that got it. */
export function replyFailureKind(commandName: string, message: string): FailureKind {
  const word = firstWord(message);
  const isScript = SCRIPT_COMMANDS.has(commandName.toLowerCase());
  if (isScript) return SCRIPT_MARKER.test(message) && REJECTED_INSIDE_SCRIPT.has(word) ? 'rejected' : 'answered';
  if (REJECTED.has(word)) return 'rejected';
  if (word === 'OOM' || message.startsWith('ERR max number of clients reached')) return 'overloaded';
  return 'answered';
}

/** Replies which say that the whole server is in the wrong state, so that looking at it once more is worth it. */
export function speaksOfTheServer(message: string): boolean {
  return REJECTED.has(firstWord(message));
}

function firstWord(message: string): string {
  const end = message.indexOf(' ');
  return end === -1 ? message : message.slice(0, end);
}
