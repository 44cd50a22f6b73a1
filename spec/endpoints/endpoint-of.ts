import type { Redis, RedisOptions } from 'ioredis';
import type { ResolvedEndpoint } from '../../lib/options/types.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';

/** An endpoint `a` as it is after the options were resolved. */
export function endpointOf(redis: RedisOptions | (() => Redis)): ResolvedEndpoint {
  return resolveOptions({ endpoints: [{ id: 'a', redis }] }).endpoints[0]!;
}
