/**
 * Whether ioredis tells by this error that the server refused the login. It tells so beside the commands that follow, which
 * may be answered all the same: a server that does not know the user answers as it would answer anybody.
 */
export function isLoginRefusal(reason: Error | undefined): boolean {
  const name = (reason as { command?: { name?: unknown } } | undefined)?.command?.name;
  return name === 'auth' || name === 'hello';
}
