import { GeoFailoverError } from '../../errors.ts';
import type { IoredisCommand } from '../../ioredis-internals/types.ts';

const WHOLE_KEYSPACE = 'a node knows only the keys of its own slots';
const OF_A_CONNECTION = 'it holds for one connection, and a Cluster has one to each node';

/** Commands that would be executed by one node only, although they mean all of it. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ...['scan', 'keys', 'randomkey', 'dbsize', 'flushall', 'flushdb'].map((name) => [name, WHOLE_KEYSPACE] as const),
  ...['wait', 'waitaof', 'readonly', 'readwrite', 'asking'].map((name) => [name, OF_A_CONNECTION] as const),
  ['multi', 'a transaction has to be sent as a whole, by a pipeline'],
]);

/** What CLIENT sets for a connection, and has to set for that to every node. */
const SETTINGS: ReadonlySet<string> = new Set(['setname', 'no-evict', 'no-touch', 'tracking']);

/** Why a Cluster cannot execute a command; `undefined` when it can. */
export function unsupportedByCluster(command: IoredisCommand, endpointId: string): GeoFailoverError | undefined {
  const { name, args, inTransaction } = command;
  const lowerCase = name.toLowerCase();
  const isCaching = lowerCase === 'client' && String(args[0]).toLowerCase() === 'caching';
  const isOfPipeline = lowerCase === 'multi' && inTransaction;
  const reason = isCaching ? OF_A_CONNECTION : isOfPipeline ? undefined : UNSUPPORTED.get(lowerCase);
  if (reason === undefined) return undefined;
  const called = isCaching ? 'CLIENT CACHING' : name.toUpperCase();
  const message = `${called} cannot be used on ${endpointId}, which is a Cluster: ${reason}. It was not executed.`;
  return new GeoFailoverError('GEO_UNSUPPORTED_COMMAND', message, { endpointId, outcome: 'not-executed' });
}

/** Whether a command sets something for its connection, so that every node has to be told. */
export function isConnectionSetting({ name, args }: IoredisCommand): boolean {
  return name.toLowerCase() === 'client' && SETTINGS.has(String(args[0]).toLowerCase());
}

/** Whether a command asks who its connection is: no answer would hold for all nodes. */
export function asksForIdentity({ name, args }: IoredisCommand): boolean {
  return name.toLowerCase() === 'client' && String(args[0]).toLowerCase() === 'id';
}
