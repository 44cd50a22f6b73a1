import { inspect } from 'node:util';
import type { Redis, RedisOptions } from 'ioredis';
import { lookLikeCluster, type SlotLayout } from '../ioredis-internals/cluster-look.ts';
import { type IoredisCommand, type PipelineStream, type PushedMessage, internals } from '../ioredis-internals/types.ts';
import { createUnconnected } from '../ioredis-internals/unconnected-client.ts';
import { createClientProxy } from './client-proxy.ts';
import { restartingScanStreams } from './scan-streams.ts';
import { type OptionsSource, ShownOptions } from './shown-options.ts';
import { Substitutes } from './substitutes.ts';

type SendCommand = (command: IoredisCommand, stream?: PipelineStream) => unknown;

/** What the application's calls on the client object lead to, beside commands. */
export interface FacadeActions extends OptionsSource {
  /** Every command of the application ends here. */
  send(command: IoredisCommand, stream?: PipelineStream): unknown;
  connect(): Promise<void>;
  /** @param reconnect Close the connection, and open it again. */
  disconnect(reconnect: boolean): void;
  /** The state of the connection that commands go over, as ioredis keeps it: what `mode` rests on. */
  readonly condition: unknown;
  /** If all endpoints are Clusters: where the slots of the active one are. */
  readonly slotLayout: SlotLayout;
  duplicate(override: RedisOptions): Redis;
  /** @returns a client that is told what the active endpoint executes. */
  monitor(): Promise<Redis>;
}

export interface Facade {
  /** What the application holds. */
  readonly proxy: Redis;
  /** What the application wrote on the client's options. */
  readonly changedOptions: RedisOptions;
  /** Replaces where commands go. */
  sendThrough(send: SendCommand): void;
  /** Makes it a Cluster to whoever asks. */
  lookLikeCluster(): void;
  /** Sets `status` and emits the event of the same name, as ioredis does. */
  setStatus(status: string, arg?: unknown): void;
  /** Emits `select`. */
  tellSelected(database: number): void;
  /** Emits a message of a subscription, as text and as bytes. */
  deliver(message: PushedMessage): void;
  /** Emits `error`, or prints it when nobody listens, as ioredis does. */
  tellError(error: Error): void;
}

const actionsOf = new WeakMap<object, FacadeActions>();

/** The same functions for all clients: with others for each of them V8 would be slow with all but the first. */
const CONDITION: PropertyDescriptor & ThisType<object> = {
  get() {
    return actionsOf.get(this)?.condition;
  },
  set() {
    // It belongs to the connection that commands go over.
  },
  configurable: true,
};

/**
 * Makes the client that the application holds: a Proxy around an ioredis instance. Commands, pipelines, transactions,
 * scripts, transformers, key prefix and auto-pipelining are ioredis's own; only where a finished command goes is ours.
 */
export function createFacade(options: RedisOptions, actions: FacadeActions, extras: Record<string, unknown>): Facade {
  const { lazyConnect = false, sentinels = null, Connector, ...rest } = options;
  // Never connects: the façade is an ioredis instance for everything but the wire.
  const target = createUnconnected(rest);
  const hidden = internals(target);
  // Who reads them wants to know what the application asked for.
  Object.assign(hidden.options, { lazyConnect, sentinels, ...(Connector !== undefined && { Connector }) });
  const shown = new ShownOptions(hidden.options, actions);
  hideSecretsWhenPrinted(hidden.options);
  let send: SendCommand = (command, stream) => actions.send(command, stream);
  const own: Record<string, unknown> = {
    connect: (callback?: Callback<void>) => withCallback(actions.connect(), callback),
    disconnect: (reconnect = false) => actions.disconnect(reconnect),
    end: () => actions.disconnect(false),
    duplicate: (override?: RedisOptions) => actions.duplicate({ ...shown.changed, ...override }),
    // ioredis would connect the façade's own instance.
    _connect: () => actions.connect(),
    monitor: (callback?: Callback<Redis>) => withCallback(actions.monitor(), callback),
    ...restartingScanStreams(target),
  };
  const substitutes = new Substitutes(target);
  for (const [name, value] of Object.entries(own)) substitutes.install(name, value);
  // Who keeps the method that was read, or calls it from one of its own, shall get to wherever commands go by then.
  const sendCommand: SendCommand = (command, stream) => send(command, stream);
  substitutes.install('sendCommand', send, sendCommand);
  actionsOf.set(target, actions);
  Object.defineProperty(target, 'condition', CONDITION);
  const proxy = createClientProxy(target, extras, substitutes);
  if (lazyConnect) hidden.setStatus('wait');
  return {
    proxy,
    get changedOptions() {
      return shown.changed;
    },
    sendThrough(next) {
      send = next;
      substitutes.install('sendCommand', next, sendCommand);
    },
    lookLikeCluster: () => lookLikeCluster(target, () => actions.slotLayout),
    setStatus: (status, arg) => hidden.setStatus(status, arg),
    // Later, as with every other event: what a listener throws must not end in the midst of a reply, or of a verdict.
    tellSelected: (database) => process.nextTick(() => target.emit('select', database)),
    deliver({ event, args }) {
      // Text is made only for those who want it.
      if (target.listenerCount(event) > 0) target.emit(event, ...args.map((arg) => String(arg ?? '')));
      target.emit(`${event}Buffer`, ...args);
    },
    tellError: (error) => process.nextTick(() => hidden.silentEmit('error', error)),
  };
}

/** Names of secrets among ioredis's options, and in what they hold. */
const SECRETS = ['password', 'sentinelPassword'];
const SECRETS_OF_TLS = ['key', 'passphrase', 'pfx'];

/** Whoever prints the client shall not see its secrets. They stay readable, and go along when the options are copied. */
function hideSecretsWhenPrinted(options: Record<string, unknown>): void {
  const print = (): unknown => {
    const printed = masked({ ...options }, SECRETS);
    for (const name of ['tls', 'sentinelTLS']) {
      const tls = printed[name];
      if (typeof tls === 'object' && tls !== null) printed[name] = masked({ ...tls }, SECRETS_OF_TLS);
    }
    return printed;
  };
  Object.defineProperty(options, inspect.custom, { value: print, enumerable: false });
  Object.defineProperty(options, 'toJSON', { value: print, enumerable: false });
}

function masked(holder: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  for (const name of names) if (holder[name] != null) holder[name] = '***';
  return holder;
}

type Callback<T> = (error: Error | null, result?: T) => void;

/** As ioredis does it: what a callback throws is nobody's rejection. */
function withCallback<T>(promise: Promise<T>, callback: Callback<T> | undefined): Promise<T> {
  if (typeof callback !== 'function') return promise;
  const call = (...reply: Parameters<Callback<T>>): void => {
    try {
      callback(...reply);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  promise.then(
    (result) => (result === undefined ? call(null) : call(null, result)),
    (error: unknown) => call(error as Error),
  );
  return promise;
}
