import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import { GeoFailoverError } from '../errors.ts';
import { internals } from './types.ts';

const METHODS = [
  ...(['sendCommand', 'setStatus', 'handleReconnection', 'flushQueue', 'resetCommandQueue'] as const),
  'resetOfflineQueue' as const,
];

/**
 * Checks that a client has the private members that the hooks replace.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` when this version of ioredis is not one that the package knows.
 */
export function assertSupportedClient(client: Redis, path: string): void {
  const target = internals(client);
  const missing: string[] = METHODS.filter((name) => typeof target[name] !== 'function');
  const queue = target.commandQueue as Partial<typeof target.commandQueue> | undefined;
  if (typeof queue?.peekFront !== 'function' || typeof queue.toArray !== 'function') missing.push('commandQueue');
  if (missing.length === 0) return;
  const rule = `must be a client of ioredis 5.11 or newer, or of 6; ${missing.join(', ')} not found`;
  const value = `ioredis ${installedVersion()}`;
  throw new GeoFailoverError('GEO_INVALID_OPTIONS', `${path} ${rule}, got ${value}`, {
    problems: [{ path, rule, value }],
  });
}

function installedVersion(): string {
  try {
    const manifest = createRequire(import.meta.url)('ioredis/package.json') as { version: string };
    return manifest.version;
  } catch {
    return 'of an unknown version';
  }
}
