import type { Redis } from 'ioredis';

/**
 * Calls back when a node of a Cluster ended a subscription to a shard channel, or refused one, because the channel's slot is
 * another node's now. ioredis 6 tells that by an event; ioredis 5 does only when a subscription was refused, whose command
 * is answered never, and takes an ended one for a reply that nobody has asked for.
 */
export function onShardMoved(client: Redis, then: () => void): void {
  client.on('moved', then);
  client.on('error', (error: Error) => {
    if (error.message.startsWith('Command queue state error')) then();
  });
}
