import type { RedisOptions } from 'ioredis';

/** What a URL says, under ioredis's option names. The values of query parameters stay text, as they do in ioredis. */
export type UrlOptions = Readonly<Record<string, unknown>>;

/**
 * Parses `redis://`, `rediss://` and socket paths as `new Redis(url)` does, except that none of ioredis's defaults are
 * filled in, so that options which are shared by all endpoints can be. `undefined` when ioredis could not use it.
 *
 * A scheme in capitals is refused: ioredis would connect to `REDISS://` without TLS.
 */
export function parseEndpointUrl(text: string): UrlOptions | undefined {
  try {
    if (text.startsWith('/') && !text.startsWith('//')) return withNumbers(parseSocketPath(text));
    return /^rediss?:\/\//.test(text) ? withNumbers(parseUrl(new URL(text))) : undefined;
  } catch {
    // The error of `new URL()` carries the text, and with it the password.
    return undefined;
  }
}

/** Whether the text asks for TLS. Options may say how. */
export function asksForTls(text: string): boolean {
  return text.startsWith('rediss://');
}

function parseSocketPath(text: string): UrlOptions {
  const question = text.indexOf('?');
  if (question < 0) return { path: text };
  return { ...parseQuery(new URLSearchParams(text.slice(question + 1))), path: text.slice(0, question) };
}

function parseUrl(url: URL): UrlOptions {
  const hasAuth = url.username !== '' || url.password !== '';
  return {
    ...parseQuery(url.searchParams),
    ...(hasAuth && { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 && { db: url.pathname.slice(1) }),
    ...(url.hostname !== '' && { host: url.hostname.replace(/^\[|\]$/g, '') }),
    ...(url.port !== '' && { port: url.port }),
  };
}

function parseQuery(query: URLSearchParams): UrlOptions {
  const options: Record<string, unknown> = {};
  for (const [key, value] of query) {
    const family = key === 'family' ? Number.parseInt(value, 10) : NaN;
    options[key] = Number.isNaN(family) ? value : family;
  }
  return options;
}

function withNumbers(options: UrlOptions): UrlOptions | undefined {
  const numbers = (['port', 'db'] as const)
    .filter((key) => typeof options[key] === 'string')
    .map((key) => [key, Number.parseInt(options[key] as string, 10)] as const);
  // ioredis would take NaN for database 0.
  if (numbers.some(([, value]) => Number.isNaN(value))) return undefined;
  return { ...options, ...Object.fromEntries(numbers) };
}

/**
 * One endpoint's ioredis options: its own over the shared ones, as in `new Redis(own, shared)`.
 *
 * @param own - options, or a URL that parses
 */
export function mergeRedisOptions(own: RedisOptions | string, shared: RedisOptions): RedisOptions {
  if (typeof own !== 'string') return { ...withoutUndefined(shared), ...withoutUndefined(own) };
  const merged: RedisOptions = { ...withoutUndefined(shared), ...parseEndpointUrl(own) };
  return asksForTls(own) && merged.tls === undefined ? { ...merged, tls: {} } : merged;
}

/** A shallow copy in which a value of `undefined` is as good as none. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
