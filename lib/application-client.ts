import type { Redis, RedisOptions } from 'ioredis';
import { SlotMap } from './endpoints/cluster/slot-map.ts';
import { areAllClusters, knownOptions } from './endpoints/endpoint-kinds.ts';
import { monitorEndpoint } from './endpoints/monitor.ts';
import { toError } from './errors.ts';
import type { SubscriptionsMovedEvent } from './events.ts';
import { type Facade, type FacadeActions, createFacade } from './facade/facade.ts';
import { firstConnection } from './first-connection.ts';
import { GeoClient } from './geo-client.ts';
import type { GeoFailoverControl } from './geo-control.ts';
import type { GeoCore } from './geo-core.ts';
import type { SlotLayout } from './ioredis-internals/cluster-look.ts';
import type { IoredisCommand, PipelineStream } from './ioredis-internals/types.ts';
import { commonOptions } from './options/encoding.ts';

/** The channel of a client-side cache's invalidations, by RESP2's protocol. */
const INVALIDATIONS = '__redis__:invalidate';

/** Until a Cluster has told. Whatever is sent then waits, and goes to the nodes that are known by then. */
const UNKNOWN_SLOTS = new SlotMap().layout;

/** What the application holds, and what is behind it: connections that may be closed, and opened again by `connect()`. */
export class ApplicationClient implements FacadeActions {
  readonly #core: GeoCore;
  readonly #control: GeoFailoverControl;
  override: RedisOptions;
  readonly #options: RedisOptions;
  readonly #facade: Facade;
  #client: GeoClient;
  #phase: 'waiting' | 'open' | 'ended' = 'waiting';

  /** @param override What `duplicate()` was given. */
  constructor(core: GeoCore, control: GeoFailoverControl, override: RedisOptions) {
    this.#core = core;
    this.#control = control;
    this.override = override;
    this.#options = { ...commonOptions(core.options), ...override };
    this.#client = this.#createClient();
    this.#facade = createFacade(this.#options, this, { geo: control });
    if (areAllClusters(core.options.endpoints)) this.#facade.lookLikeCluster();
    if (this.#options.lazyConnect !== true) this.#open();
  }

  get proxy(): Redis {
    return this.#facade.proxy;
  }

  /** Only for the first command: from then on they go straight to the dispatcher. */
  send(command: IoredisCommand, stream?: PipelineStream): unknown {
    try {
      this.#open();
    } catch (error) {
      command.reject(toError(error));
    }
    return this.#client.dispatcher.send(command, stream);
  }

  get condition(): unknown {
    return this.#client.connection?.condition;
  }

  get slotLayout(): SlotLayout {
    return this.#client.connection?.slotLayout ?? UNKNOWN_SLOTS;
  }

  get activeOptions(): RedisOptions | undefined {
    const { registry, activeEndpointId } = this.#core;
    const endpoint = registry.find(activeEndpointId);
    return endpoint && knownOptions(endpoint.options);
  }

  connect(): Promise<void> {
    if (this.#phase === 'open') return Promise.reject(new Error('Redis is already connecting/connected'));
    const timeoutMs = this.#options.maxRetriesPerRequest === null ? undefined : this.#core.options.retry.deadlineMs;
    return firstConnection(this.proxy, this.#core, timeoutMs, () => this.#open());
  }

  disconnect(reconnect: boolean): void {
    if (this.#phase === 'open' && reconnect) return this.#client.reconnect(); // rare: asked-to-reconnect
    if (this.#phase === 'ended') return;
    this.#facade.sendThrough(this.#client.dispatcher.send);
    this.#client.close();
  }

  duplicate(override: RedisOptions): Redis {
    return new ApplicationClient(this.#core, this.#control, { ...this.override, ...override }).proxy;
  }

  monitor(): Promise<Redis> {
    const { registry, activeEndpointId } = this.#core;
    return monitorEndpoint(registry.get(activeEndpointId).options, this.override);
  }

  #open(): void {
    if (this.#phase === 'open') return;
    if (this.#phase === 'ended') this.#renew(); // rare: connected-again-behind-the-end
    this.#phase = 'open';
    this.#facade.sendThrough(this.#client.dispatcher.send);
    this.#facade.setStatus('connecting');
    try {
      this.#client.start();
    } catch (error) {
      // A factory of the application threw: nothing of this client shall stay behind.
      this.#client.close();
      throw error;
    }
    this.#core.start();
  }

  /** As with ioredis, the database and the subscriptions outlast the connection. */
  #renew(): void {
    const { state } = this.#client.dispatcher;
    this.override = { ...this.override, ...this.#facade.changedOptions };
    this.#client = this.#createClient();
    this.#client.dispatcher.state.inherit(state);
  }

  #subscriptionsMoved(moved: SubscriptionsMovedEvent): void {
    this.#core.events.emit('subscriptionsMoved', moved);
    // What the server of a client-side cache had to say meanwhile was not heard: without keys it means all of them.
    const hearsInvalidations = this.#client.dispatcher.state.subscriptions.hears(INVALIDATIONS);
    if (!hearsInvalidations) return;
    // Later, as with every other event: what a listener throws must not keep commands waiting.
    process.nextTick(() => this.#facade.deliver({ event: 'message', args: [INVALIDATIONS, null] }));
  }

  /** As with ioredis, the status is `connect` while that event is told, and `ready` comes later. */
  #tellReady(): void {
    this.#tell(this.proxy.status === 'reconnecting' ? ['connecting', 'connect', 'ready'] : ['connect', 'ready']);
  }

  /** One after the other, as long as nothing else happens. */
  #tell([status, ...rest]: readonly string[]): void {
    if (status === undefined) return;
    this.#facade.setStatus(status);
    process.nextTick(() => {
      if (this.proxy.status === status) this.#tell(rest);
    });
  }

  #createClient(): GeoClient {
    return new GeoClient(
      {
        core: this.#core,
        override: this.override,
        onReady: () => this.#tellReady(),
        onDown: (retryAfterMs) => {
          this.#facade.setStatus('close');
          this.#facade.setStatus('reconnecting', retryAfterMs);
        },
        onSelected: (database) => this.#facade.tellSelected(database),
        onMessage: (message) => this.#facade.deliver(message),
        onSubscriptionsMoved: (moved) => this.#subscriptionsMoved(moved),
        onError: (error) => this.#facade.tellError(error),
        onEnd: () => {
          this.#phase = 'ended';
          this.#facade.setStatus('close');
          this.#facade.setStatus('end');
        },
      },
      this.#options,
    );
  }
}
