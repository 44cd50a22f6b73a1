import { inspect } from 'node:util';
import { Redis, type RedisOptions } from 'ioredis';
import { type IoredisCommand, type PipelineStream, internals } from '../ioredis-internals/types.ts';
import { createClientProxy } from './client-proxy.ts';

type SendCommand = (command: IoredisCommand, stream?: PipelineStream) => unknown;

/** What the application's calls on the client object lead to, beside commands. */
export interface FacadeActions {
  /** Every command of the application ends here. */
  readonly send: SendCommand;
  connect(): Promise<void>;
  disconnect(): void;
  duplicate(override: RedisOptions): Redis;
}

export interface Facade {
  /** What the application holds. */
  readonly proxy: Redis;
  /** Replaces where commands go. */
  sendThrough(send: SendCommand): void;
  /** Sets `status` and emits the event of the same name, as ioredis does. */
  setStatus(status: string, arg?: unknown): void;
}

/** Never connects: the façade is an ioredis instance for everything but the wire. */
const OWN_OPTIONS = { lazyConnect: true, sentinels: undefined, Connector: undefined } as const;

/**
 * Makes the client that the application holds: a Proxy around an ioredis instance. Commands, pipelines, transactions,
 * scripts, transformers, key prefix and auto-pipelining are ioredis's own; only where a finished command goes is ours.
 */
export function createFacade(options: RedisOptions, actions: FacadeActions, extras: Record<string, unknown>): Facade {
  const target = new Redis({ ...options, ...OWN_OPTIONS });
  const hidden = internals(target);
  hideSecretsWhenPrinted(hidden.options);
  const own: Record<string, unknown> = {
    sendCommand: actions.send,
    connect: (callback?: (error: Error | null) => void) => withCallback(actions.connect(), callback),
    disconnect: () => actions.disconnect(),
    end: () => actions.disconnect(),
    duplicate: (override?: RedisOptions) => actions.duplicate(override ?? {}),
  };
  for (const [name, value] of Object.entries(own)) {
    // Not enumerable, like the methods that they stand for.
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
  }
  return {
    proxy: createClientProxy(target, extras),
    sendThrough(send) {
      hidden.sendCommand = send;
    },
    setStatus: (status, arg) => hidden.setStatus(status, arg),
  };
}

/** Whoever prints the client shall not see its secrets. They stay readable, and go along when the options are copied. */
function hideSecretsWhenPrinted(options: Record<string, unknown>): void {
  const print = (): unknown => {
    const tls = options['tls'];
    const isObject = typeof tls === 'object' && tls !== null;
    return masked({ ...options, ...(isObject && { tls: masked({ ...tls }, ['key', 'passphrase', 'pfx']) }) }, [
      'password',
      'sentinelPassword',
    ]);
  };
  Object.defineProperty(options, inspect.custom, { value: print, enumerable: false });
  Object.defineProperty(options, 'toJSON', { value: print, enumerable: false });
}

function masked(holder: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  for (const name of names) if (holder[name] != null) holder[name] = '***';
  return holder;
}

function withCallback(promise: Promise<void>, callback: ((error: Error | null) => void) | undefined): Promise<void> {
  if (callback !== undefined) {
    promise.then(
      () => callback(null),
      (error: unknown) => callback(error as Error),
    );
  }
  return promise;
}
