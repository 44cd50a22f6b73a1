import { GeoFailoverError } from '../errors.ts';
import { BLOCKING_COMMANDS } from './blocking-commands.ts';
import { SUBSCRIPTION_COMMANDS } from './subscription-commands.ts';

/**
 * Commands that cannot simply be passed on: they change what the connection is, or end it.
 * - `select`: has to be repeated on every other endpoint.
 * - `quit`: closes the client, not a connection.
 * - `subscription`: has to be repeated on every other connection.
 * - `blocking`: its reply may be long in coming.
 * - `client`: CLIENT, which can set something that has to be set on every other connection.
 * - `scan`: its cursor means something to one server only.
 * - `transaction`: what it begins or ends, the server keeps for one connection only.
 * - `refused`: would take the connection out of the order in which requests and replies belong together.
 */
export type SpecialCommand =
  'blocking' | 'select' | 'subscription' | 'client' | 'scan' | 'quit' | 'transaction' | 'refused';

const REFUSED: Readonly<Record<string, string>> = {
  monitor: 'use redis.monitor(), which opens a connection to a standalone endpoint for it',
  hello: 'the protocol is an option, because it has to hold on every endpoint',
  reset: 'it would undo the state that this client keeps up on every endpoint',
  quit: 'in a transaction it would end the connection before EXEC',
  'client reply': 'replies would not belong to their commands any more',
  sync: 'it turns the connection into a replication link',
  psync: 'it turns the connection into a replication link',
};

const SCAN_COMMANDS = ['scan', 'hscan', 'sscan', 'zscan'];

const TRANSACTION_COMMANDS = ['watch', 'unwatch', 'multi', 'exec', 'discard'];

const SPECIAL: ReadonlyMap<string, SpecialCommand> = new Map<string, SpecialCommand>([
  ['select', 'select'],
  ['client', 'client'],
  ...BLOCKING_COMMANDS.map((name) => [name, 'blocking'] as const),
  ...SCAN_COMMANDS.map((name) => [name, 'scan'] as const),
  ...SUBSCRIPTION_COMMANDS.map((name) => [name, 'subscription'] as const),
  ...Object.keys(REFUSED).map((name) => [name, 'refused'] as const),
  ...TRANSACTION_COMMANDS.map((name) => [name, 'transaction'] as const),
  // Refused inside of a pipeline's transaction only.
  ['quit', 'quit'],
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

/** For a command that cannot be used through this client, with the reason. */
export function refusal(name: string): GeoFailoverError {
  const lowerCase = name.toLowerCase();
  const reason = REFUSED[lowerCase] ?? 'it is not supported';
  const message = `${name.toUpperCase()} cannot be used through this client: ${reason}`;
  return new GeoFailoverError('GEO_UNSUPPORTED_COMMAND', message, { outcome: 'not-executed' });
}
