/**
 * Whether a server says by this reply that it does not know the command, or that the user may not ask. It would say so again:
 * Redis Software and Cloud do not know all of Redis's commands, and users without `@dangerous` may not call some.
 */
export function isRefusedQuestion(message: string): boolean {
  return /^NOPERM|^ERR unknown command|not allowed/i.test(message);
}
