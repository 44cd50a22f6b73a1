import type { EndpointClient } from '../endpoints/endpoint-client.ts';
import { discardClient } from '../ioredis-internals/discard-client.ts';

/**
 * Connects a client over which an endpoint is looked at; one that has methods only needs no connecting.
 *
 * @param discarded Aborted when nobody wants the client any more.
 */
export async function connectClient(endpoint: EndpointClient, discarded: AbortSignal): Promise<void> {
  if (endpoint.kind !== 'command') return;
  const { client, authenticate } = endpoint;
  // A factory's client that was connecting by itself has been called off, and gets to its end first.
  if (client.status === 'connecting') await new Promise((resolve) => client.once('end', resolve));
  if (authenticate !== undefined) await authenticate();
  // A client that was discarded meanwhile would connect all the same, and nobody would ever close it.
  discarded.throwIfAborted();
  await client.connect();
}

/** Closes it at once, whatever it is doing. The nodes of a Cluster belong to whoever connected to them. */
export function closeClient(endpoint: EndpointClient): void {
  if (endpoint.kind === 'command') return discardClient(endpoint.client);
  if (endpoint.kind === 'cluster') return;
  const { disconnect } = endpoint.client;
  if (typeof disconnect === 'function') (disconnect as () => void).call(endpoint.client);
}
