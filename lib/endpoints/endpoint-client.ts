import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import { GeoFailoverError } from '../errors.ts';
import { ClusterSource } from '../ioredis-internals/cluster-source.ts';
import { ResettableConnector } from '../ioredis-internals/connector.ts';
import { assertSupportedClient } from '../ioredis-internals/supported-versions.ts';
import { internals } from '../ioredis-internals/types.ts';
import { differingEncodings } from '../options/encoding.ts';
import { printValue, typeName } from '../options/mask.ts';
import type { ResolvedEndpoint } from '../options/types.ts';
import { NO_RECONNECT, PROBE_ONLY, TAKEN_OVER } from './client-options.ts';
import { ClusterEndpoint } from './cluster/cluster-endpoint.ts';
import { isCluster, makeClient, rememberOptions } from './endpoint-kinds.ts';

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
  | { readonly kind: 'cluster'; readonly cluster: ClusterEndpoint }
  | { readonly kind: 'method'; readonly client: MethodClient };

const adopted = new WeakSet<Redis>();

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
    const made = makeClient(endpoint);
    if (isCluster(made)) return adoptCluster(endpoint, made, purpose, override, common);
    const taken = adopt(endpoint, made);
    if (taken.kind !== 'command') return taken;
    // No command of the application goes over a connection for probes.
    if (purpose === 'data') {
      try {
        assertCommonEncoding(endpoint, taken.client.options, common);
      } catch (error) {
        taken.client.disconnect();
        throw error;
      }
    }
    Object.assign(taken.client.options, override);
    takeOver(taken.client);
    return taken;
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
  if (!('sendCommand' in given)) {
    // Such as a promise of one.
    if (!('ping' in given)) throw unusable(path, 'must return an ioredis client', typeName(given));
    return { kind: 'method', client: given };
  }
  const client = given as Redis;
  assertSupportedClient(client, path);
  // One socket cannot be for data and for probes. A client with methods only has none.
  if (adopted.has(client)) throw unusable(path, 'must return a new client each time', 'the same as before');
  adopted.add(client);
  rememberOptions(endpoint, client.options);
  return commandClient(endpoint, client);
}

function adoptCluster(
  endpoint: ResolvedEndpoint,
  given: Cluster,
  purpose: ClientPurpose,
  override: RedisOptions,
  common: RedisOptions,
): EndpointClient {
  const { id, credentialsProvider } = endpoint;
  const path = `endpoint "${id}"`;
  const source = new ClusterSource(given, path);
  const { redisOptions, keyPrefix, scaleReads } = source.settings;
  if (scaleReads !== undefined && scaleReads !== 'master') {
    const rule = 'must not have scaleReads other than "master": a replica does not show what was just written';
    throw unusable(path, rule, printValue(scaleReads));
  }
  if (purpose === 'data') assertCommonEncoding(endpoint, { ...redisOptions, ...(keyPrefix && { keyPrefix }) }, common);
  const cluster = new ClusterEndpoint({ id, source, override, credentialsProvider });
  return { kind: 'cluster', cluster };
}

/** It would be lost without a word: commands are encoded before they get here. */
function assertCommonEncoding({ id }: ResolvedEndpoint, options: RedisOptions, common: RedisOptions): void {
  const [name] = differingEncodings(options, common);
  if (name === undefined) return;
  const value = printValue((options as Readonly<Record<string, unknown>>)[name]);
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
