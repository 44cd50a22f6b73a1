import type { RedisOptions } from 'ioredis';
import type { ResolvedOptions } from './types.ts';

// What ioredis takes when one is not given. Its version 5 has the first only, and ignores the others.
const DEFAULTS = { keyPrefix: '', protocol: 3, replyMapping: 'legacy' } as const;

export type EncodingName = keyof typeof DEFAULTS;

/** Commands are encoded before an endpoint is chosen, so what shapes them cannot depend on the endpoint. */
export const ENCODING_NAMES = Object.keys(DEFAULTS) as EncodingName[];

export function encodingOf(redis: RedisOptions, name: EncodingName): unknown {
  return givenEncoding(redis, name) ?? DEFAULTS[name];
}

/** Those in which a client of a factory differs from the others. What it has no opinion on is as with the others. */
export function differingEncodings(redis: RedisOptions, common: RedisOptions): EncodingName[] {
  return ENCODING_NAMES.filter((name) => {
    const given = givenEncoding(redis, name) ?? '';
    return given !== '' && given !== encodingOf(common, name);
  });
}

/** What the application's client and those of all endpoints have in common. */
export function commonOptions(options: ResolvedOptions): RedisOptions {
  const first = options.endpoints.find(({ redis }) => typeof redis !== 'function')?.redis;
  return typeof first === 'object' ? { ...options.redis, ...first } : options.redis;
}

function givenEncoding(redis: RedisOptions, name: EncodingName): unknown {
  return (redis as Readonly<Record<string, unknown>>)[name];
}
