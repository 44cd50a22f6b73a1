/**
 * Commands that cannot simply be passed on: they change what the connection is, or end it.
 * - `select`: has to be repeated on every other endpoint.
 * - `quit`: closes the client, not a connection.
 * - `refused`: would take the connection out of the order in which requests and replies belong together, or is not
 *   available yet.
 * - `refused-alone`: the same, unless a pipeline sends it, whose transaction moves as a whole.
 */
export type SpecialCommand = 'select' | 'quit' | 'refused' | 'refused-alone';

const REFUSED: Readonly<Record<string, string>> = {
  monitor: 'use redis.duplicate() on a plain client to monitor one endpoint',
  hello: 'the protocol is an option, because it has to hold on every endpoint',
  reset: 'it would undo the state that this client keeps up on every endpoint',
  sync: 'it turns the connection into a replication link',
  psync: 'it turns the connection into a replication link',
  subscribe: 'Pub/Sub is not available yet',
  psubscribe: 'Pub/Sub is not available yet',
  ssubscribe: 'Pub/Sub is not available yet',
  unsubscribe: 'Pub/Sub is not available yet',
  punsubscribe: 'Pub/Sub is not available yet',
  sunsubscribe: 'Pub/Sub is not available yet',
};

const REFUSED_ALONE: Readonly<Record<string, string>> = {
  watch: 'WATCH is not available yet',
  unwatch: 'WATCH is not available yet',
  multi: 'transactions without a pipeline are not available yet; use multi()…exec()',
  exec: 'transactions without a pipeline are not available yet; use multi()…exec()',
  discard: 'transactions without a pipeline are not available yet; use multi()…exec()',
};

const SPECIAL: ReadonlyMap<string, SpecialCommand> = new Map<string, SpecialCommand>([
  ['select', 'select'],
  ['quit', 'quit'],
  ...Object.keys(REFUSED).map((name) => [name, 'refused'] as const),
  ...Object.keys(REFUSED_ALONE).map((name) => [name, 'refused-alone'] as const),
]);

/** Names as callers write them; `call()` keeps their case. Bounded, because callers choose the names. */
const known = new Map<string, SpecialCommand | null>();
const MOST_KNOWN = 2_000;

/** How a command is special, or `null`. Called for every command, so that it is one look-up. */
export function specialCommand(name: string): SpecialCommand | null {
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const special = SPECIAL.get(name.toLowerCase()) ?? null;
  if (known.size < MOST_KNOWN) known.set(name, special);
  return special;
}

/** Why a command is refused. */
export function refusalReason(name: string): string {
  const lowerCase = name.toLowerCase();
  return REFUSED[lowerCase] ?? REFUSED_ALONE[lowerCase] ?? 'it is not supported';
}
