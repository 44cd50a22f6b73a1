import type { Connection } from './connection.ts';

const replaced = new WeakSet<Connection>();

/** Its endpoint has other options now: by the same id another server may be reached. */
export function noteReplaced(connection: Connection): void {
  replaced.add(connection);
}

/** Whether what happens on the connection says nothing of the endpoint that has its id. */
export function isReplaced(connection: Connection): boolean {
  return replaced.has(connection);
}
