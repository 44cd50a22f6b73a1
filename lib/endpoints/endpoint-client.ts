import { Redis, type RedisOptions } from 'ioredis';
import { GeoFailoverError } from '../errors.ts';
import { ResettableConnector } from '../ioredis-internals/connector.ts';
import { assertSupportedClient } from '../ioredis-internals/supported-versions.ts';
import { internals } from '../ioredis-internals/types.ts';
import { differingEncodings } from '../options/encoding.ts';
import { printValue } from '../options/mask.ts';
import type { ResolvedEndpoint } from '../options/types.ts';

/** What a client is for: the application's commands, or looking at the endpoint. */
export type ClientPurpose = 'data' | 'probe';

/** A client that a factory returned and that speaks no wire protocol, such as ioredis-mock. */
export interface MethodClient {
  [method: string]: unknown;
}

/** Puts user and password into a client's options. To be called before it connects. */
export type Authenticate = () => Promise<void>;

export type EndpointClient =
  | { readonly kind: 'command'; readonly client: Redis; readonly authenticate?: Authenticate }
  | { readonly kind: 'method'; readonly client: MethodClient };

/**
 * What this package does itself, and ioredis therefore must not. Inside one endpoint ioredis would send commands again
 * after a reconnect, queue them for a region that is gone, and give up in its own time.
 */
const TAKEN_OVER = {
  lazyConnect: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  reconnectOnError: null,
  autoResubscribe: false,
  // Commands reach an endpoint with their prefix, and their time runs from the moment the application called.
  keyPrefix: '',
  commandTimeout: undefined,
  enableAutoPipelining: false,
} as const;

/** ioredis's type wants functions, its code takes anything else for "do not try again". */
const NO_RECONNECT = { retryStrategy: null, sentinelRetryStrategy: null } as unknown as Pick<
  RedisOptions,
  'retryStrategy' | 'sentinelRetryStrategy'
>;

/** A probe says nothing about keys, so it needs no database, and it shall be quick: no INFO, no CLIENT SETINFO. */
const PROBE_ONLY = {
  db: 0,
  enableReadyCheck: false,
  disableClientInfo: true,
  readOnly: false,
  himportFieldsets: undefined,
} as const;

/**
 * Makes a client of an endpoint, not connected yet.
 *
 * @param override What `duplicate()` was given.
 * @param common What the clients of all endpoints have in common.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` for what a factory returned; or whatever that throws.
 */
export function createEndpointClient(
  endpoint: ResolvedEndpoint,
  purpose: ClientPurpose,
  override: RedisOptions = {},
  common: RedisOptions = {},
): EndpointClient {
  if (typeof endpoint.redis === 'function') {
    const adopted = adopt(endpoint, endpoint.redis());
    if (adopted.kind === 'method') return adopted;
    // No command of the application goes over a connection for probes.
    if (purpose === 'data') assertCommonEncoding(endpoint, adopted.client, common);
    Object.assign(adopted.client.options, override);
    takeOver(adopted.client);
    return adopted;
  }
  const client = new Redis({
    ...endpoint.redis,
    ...override,
    ...TAKEN_OVER,
    ...NO_RECONNECT,
    ...(purpose === 'probe' ? PROBE_ONLY : {}),
    Connector: connectorOf(endpoint.redis),
  });
  assertSupportedClient(client, `endpoint "${endpoint.id}"`);
  return commandClient(endpoint, client);
}

/** Sentinels' connector is ioredis's own. */
function connectorOf({ Connector, sentinels }: RedisOptions): RedisOptions['Connector'] {
  return Connector ?? (sentinels == null ? ResettableConnector : undefined);
}

function commandClient({ credentialsProvider }: ResolvedEndpoint, client: Redis): EndpointClient {
  if (credentialsProvider === undefined) return { kind: 'command', client };
  const authenticate = async (): Promise<void> => {
    const { username, password } = await credentialsProvider();
    Object.assign(client.options, { username: username ?? null, password });
  };
  return { kind: 'command', client, authenticate };
}

function adopt(endpoint: ResolvedEndpoint, given: unknown): EndpointClient {
  const path = `endpoint "${endpoint.id}"`;
  if (typeof given !== 'object' || given === null) throw unusable(path, 'must return an ioredis client', typeof given);
  if (!('sendCommand' in given)) return { kind: 'method', client: given as MethodClient };
  const client = given as Redis;
  if (client.isCluster) {
    client.disconnect();
    throw unusable(path, 'Cluster endpoints are not available yet', 'a Cluster');
  }
  assertSupportedClient(client, path);
  return commandClient(endpoint, client);
}

/** It would be lost without a word: commands are encoded before they get here. */
function assertCommonEncoding({ id }: ResolvedEndpoint, client: Redis, common: RedisOptions): void {
  const [name] = differingEncodings(client.options, common);
  if (name === undefined) return;
  client.disconnect();
  const value = printValue((client.options as Readonly<Record<string, unknown>>)[name]);
  throw unusable(`endpoint "${id}"`, `must not have a ${name} that differs from redis.${name}`, value);
}

function takeOver(client: Redis): void {
  const target = internals(client);
  Object.assign(target.options, TAKEN_OVER, NO_RECONNECT);
  // A connector of the user's own stays. ioredis's is replaced, because below TLS it cannot be reset.
  if (target.options['Connector'] !== undefined || target.options['sentinels'] != null) return;
  const previous = target.connector as { disconnect(): void };
  target.connector = new ResettableConnector(target.options);
  // The client may have begun to connect in its constructor. No socket exists before the next tick: call it off.
  if (target.status === 'connecting') previous.disconnect();
}

function unusable(path: string, rule: string, value: string): GeoFailoverError {
  return new GeoFailoverError('GEO_INVALID_OPTIONS', `${path} ${rule}, got ${value}`, {
    problems: [{ path, rule, value }],
  });
}
