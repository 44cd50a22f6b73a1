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
