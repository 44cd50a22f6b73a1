import { inspect } from 'node:util';
import { Redis, type RedisOptions } from 'ioredis';
import { refusal } from '../commands/special-commands.ts';
import { type IoredisCommand, type PipelineStream, type PushedMessage, internals } from '../ioredis-internals/types.ts';
import { createClientProxy } from './client-proxy.ts';
import { restartingScanStreams } from './scan-streams.ts';

type SendCommand = (command: IoredisCommand, stream?: PipelineStream) => unknown;

/** What the application's calls on the client object lead to, beside commands. */
export interface FacadeActions {
  /** Every command of the application ends here. */
  send(command: IoredisCommand, stream?: PipelineStream): unknown;
  connect(): Promise<void>;
  /** @param reconnect Close the connection, and open it again. */
  disconnect(reconnect: boolean): void;
  /** The state of the connection that commands go over, as ioredis keeps it: what `mode` rests on. */
  readonly condition: unknown;
  duplicate(override: RedisOptions): Redis;
}

export interface Facade {
  /** What the application holds. */
  readonly proxy: Redis;
  /** Replaces where commands go. */
  sendThrough(send: SendCommand): void;
  /** Sets `status` and emits the event of the same name, as ioredis does. */
  setStatus(status: string, arg?: unknown): void;
  /** Emits `select`. */
  tellSelected(database: number): void;
  /** Emits a message of a subscription, as text and as bytes. */
  deliver(message: PushedMessage): void;
  /** Emits `error`, or prints it when nobody listens, as ioredis does. */
  tellError(error: Error): void;
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
  // Who reads them wants to know what the application asked for.
  const { lazyConnect = false, sentinels = null, Connector } = options;
  Object.assign(hidden.options, { lazyConnect, sentinels, Connector });
  hideSecretsWhenPrinted(hidden.options);
  const own: Record<string, unknown> = {
    sendCommand: (command: IoredisCommand, stream?: PipelineStream) => actions.send(command, stream),
    connect: (callback?: Callback<void>) => withCallback(actions.connect(), callback),
    disconnect: (reconnect = false) => actions.disconnect(reconnect),
    end: () => actions.disconnect(false),
    duplicate: (override?: RedisOptions) => actions.duplicate(override ?? {}),
    // ioredis would connect the façade's own instance.
    monitor: (callback?: Callback<never>) => withCallback(Promise.reject(refusal('monitor')), callback),
    ...restartingScanStreams(target),
  };
  for (const [name, value] of Object.entries(own)) {
    // Not enumerable, like the methods that they stand for.
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
  }
  Object.defineProperty(target, 'condition', {
    get: () => actions.condition,
    set: () => undefined,
    configurable: true,
  });
  return {
    proxy: createClientProxy(target, extras),
    sendThrough(send) {
      hidden.sendCommand = send;
    },
    setStatus: (status, arg) => hidden.setStatus(status, arg),
    // Later, as with every other event: what a listener throws must not end in the midst of a reply.
    tellSelected: (database) => process.nextTick(() => target.emit('select', database)),
    deliver({ event, args }) {
      // Text is made only for those who want it.
      if (target.listenerCount(event) > 0) target.emit(event, ...args.map((arg) => String(arg ?? '')));
      target.emit(`${event}Buffer`, ...args);
    },
    tellError: (error) => hidden.silentEmit('error', error),
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

type Callback<T> = (error: Error | null, result?: T) => void;

function withCallback<T>(promise: Promise<T>, callback: Callback<T> | undefined): Promise<T> {
  if (callback !== undefined) {
    promise.then(
      (result) => callback(null, result),
      (error: unknown) => callback(error as Error),
    );
  }
  return promise;
}
