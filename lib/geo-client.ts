import type { RedisOptions } from 'ioredis';
import { awaitProgress } from './detection/progress-wait.ts';
import { ProgressWatch } from './detection/progress-watch.ts';
import { SuccessCount } from './detection/success-count.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection, ConnectionListener } from './endpoints/connection.ts';
import { createConnection } from './endpoints/create-connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { CoreMember } from './geo-core-member.ts';
import type { GeoCore } from './geo-core.ts';
import type { IoredisCommand } from './ioredis-internals/types.ts';
import type { Timer } from './time/clock.ts';

/** After half a second without a command nothing is watched until the next one. */
const IDLE_TICKS = 25;

export interface GeoClientSetup {
  readonly core: GeoCore;
  /** ioredis options of this client beyond those of the endpoints: what `duplicate(override)` was given. */
  readonly override: RedisOptions;
  readonly onReady: () => void;
  readonly onEnd: () => void;
}

/** One client's part of everything: its connections and its command way. */
export class GeoClient implements CoreMember {
  readonly dispatcher: Dispatcher;
  readonly #setup: GeoClientSetup;
  readonly #connections = new Map<string, Connection>();
  readonly #watch = new ProgressWatch();
  readonly #successes = new SuccessCount();
  #keepsStandbys = false;
  #idleTicks = 0;
  /** The active endpoint answers others, and its connection is silent: new commands are held until that ends. */
  #progressWait: Timer | undefined;
  #isClosed = false;

  constructor(setup: GeoClientSetup, facadeOptions: RedisOptions) {
    const { core } = setup;
    this.#setup = setup;
    this.dispatcher = new Dispatcher({
      view: core,
      options: core.options,
      clock: core.clock,
      maxRetriesPerRequest: furtherAttempts(facadeOptions),
      commandTimeoutMs: facadeOptions.commandTimeout,
      connectionTo: (endpointId) => this.#connections.get(endpointId),
      onWake: () => core.wake(),
      onQuit: (command) => void this.#quit(command),
    });
  }

  get keepsStandbys(): boolean {
    return this.#keepsStandbys;
  }

  start(): void {
    const { core } = this.#setup;
    this.#keepsStandbys = core.join(this);
    for (const endpoint of core.registry.all) {
      if (this.#keepsStandbys || endpoint.id === core.activeEndpointId) this.#connectTo(endpoint);
    }
  }

  keepStandbys(): void {
    this.#keepsStandbys = true;
    for (const endpoint of this.#setup.core.registry.all) this.#tryToConnect(endpoint);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.dispatcher.close();
    for (const connection of this.#connections.values()) connection.close();
    this.#setup.core.leave(this);
    this.#setup.onEnd();
  }

  isReady(endpointId: string): boolean {
    return this.#connections.get(endpointId)?.isReady ?? false;
  }

  refresh(): void {
    this.dispatcher.refresh();
  }

  nudge(endpointId: string): void {
    const connection = this.#connections.get(endpointId);
    if (connection !== undefined) return connection.nudge();
    const { core } = this.#setup;
    const endpoint = core.registry.find(endpointId);
    const isWanted = this.#keepsStandbys || endpointId === core.activeEndpointId;
    if (endpoint !== undefined && isWanted) this.#tryToConnect(endpoint);
  }

  replaceIfSilent(endpointId: string): void {
    const { core } = this.#setup;
    const connection = this.#connections.get(endpointId);
    this.#watch.forgive();
    if (connection?.isReady !== true || this.#progressWait !== undefined) return;
    // Replies come in order: nothing is lost by holding back what would be answered behind the silence.
    this.hold();
    this.#progressWait = awaitProgress({
      clock: core.clock,
      connection,
      isLost: () => this.#watch.isLost(core.options.failover.silenceFloorMs),
      onEnd: (isLost) => {
        if (isLost) this.abandon(endpointId);
        if (isLost) core.suspect(endpointId, 'connection-lost');
        this.#endProgressWait();
      },
    });
  }

  giveUpInFlight(endpointId: string): void {
    if ((this.#connections.get(endpointId)?.pending ?? 0) > 0) this.abandon(endpointId);
  }

  async limitInFlight(endpointId: string): Promise<void> {
    const { core } = this.#setup;
    const isStillFailing = (): boolean =>
      endpointId === core.activeEndpointId && core.controller.standing(endpointId)?.health === 'unhealthy';
    await this.#drainOrAbandon(endpointId, isStillFailing);
  }

  tick(elapsedMs: number): boolean {
    const { core } = this.#setup;
    const connection = this.#connections.get(core.activeEndpointId);
    this.#watch.tick(connection, elapsedMs);
    if (connection === undefined) return false;
    const successes = this.#successes.since(connection);
    core.recordSuccesses(connection.endpointId, successes);
    const isIdle = successes === 0 && connection.pending === 0;
    this.#idleTicks = isIdle ? this.#idleTicks + 1 : 0;
    if (this.#watch.silentMs >= core.options.failover.silenceFloorMs) core.suspect(connection.endpointId, 'silence');
    return this.#idleTicks >= IDLE_TICKS && this.dispatcher.park();
  }

  hold(): void {
    this.dispatcher.hold();
  }

  release(): void {
    this.dispatcher.release();
  }

  drained(endpointId: string, deadlineMs: number): Promise<boolean> {
    return this.dispatcher.drained(endpointId, deadlineMs);
  }

  abandon(endpointId: string): void {
    const wasReady = this.isReady(endpointId);
    this.dispatcher.abandon(endpointId);
    if (wasReady) this.#setup.core.readinessChanged(endpointId);
  }

  activeChanged(): void {
    const { core } = this.#setup;
    this.#endProgressWait();
    const endpoint = core.registry.find(core.activeEndpointId);
    if (endpoint !== undefined) this.#tryToConnect(endpoint);
    this.dispatcher.activeChanged();
    for (const id of this.#connections.keys()) if (id !== core.activeEndpointId) void this.#leave(id);
    // Its connection may have been ready before it was the active one.
    if (this.isReady(core.activeEndpointId)) this.#setup.onReady();
  }

  endpointAdded(endpoint: Endpoint): void {
    if (this.#keepsStandbys) this.#connectTo(endpoint);
  }

  endpointRemoved(endpointId: string): void {
    const connection = this.#connections.get(endpointId);
    this.#connections.delete(endpointId);
    connection?.close();
  }

  #endProgressWait(): void {
    if (this.#progressWait === undefined) return;
    this.#progressWait.cancel();
    this.#progressWait = undefined;
    this.release();
  }

  /** What is still in flight to an endpoint that was left gets its time. Only who keeps standbys stays connected to it. */
  async #leave(endpointId: string): Promise<void> {
    const { core } = this.#setup;
    const isLeft = await this.#drainOrAbandon(endpointId, () => endpointId !== core.activeEndpointId);
    if (isLeft && !this.#keepsStandbys) this.endpointRemoved(endpointId);
  }

  /** @returns whether it still was due when the time was up, or everything was answered. */
  async #drainOrAbandon(endpointId: string, isDue: () => boolean): Promise<boolean> {
    const connection = this.#connections.get(endpointId);
    const isDrained = await this.dispatcher.drained(endpointId, this.#setup.core.options.retry.deadlineMs);
    if (!isDue() || this.#connections.get(endpointId) !== connection) return false;
    if (!isDrained) this.abandon(endpointId);
    return true;
  }

  /** A factory of the application may throw. A good check lets it be called again. */
  #tryToConnect(endpoint: Endpoint): void {
    try {
      this.#connectTo(endpoint);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#setup.core.events.debug('failover', `the factory of ${endpoint.id} threw (${name})`);
    }
  }

  #connectTo(endpoint: Endpoint): void {
    if (this.#connections.has(endpoint.id) || this.#isClosed) return;
    const { core, override } = this.#setup;
    const { clock, options } = core;
    const connection = createConnection({ endpoint, options, override, clock, listener: this.#listenerOf(endpoint) });
    this.#connections.set(endpoint.id, connection);
    connection.start();
  }

  #listenerOf(endpoint: Endpoint): ConnectionListener {
    const { core, onReady } = this.#setup;
    return {
      ready: (connection) => {
        core.readinessChanged(endpoint.id);
        this.dispatcher.ready();
        if (connection.endpointId === core.activeEndpointId) onReady();
      },
      lost: (connection, items) => {
        this.dispatcher.lost(connection, items);
        core.readinessChanged(endpoint.id);
      },
      refused: this.dispatcher.refused.bind(this.dispatcher),
      errorReply: this.dispatcher.errorReply.bind(this.dispatcher),
    };
  }

  async #quit(command: IoredisCommand): Promise<void> {
    const { core } = this.#setup;
    await this.dispatcher.idle();
    await this.dispatcher.drained(core.activeEndpointId, core.options.retry.deadlineMs);
    this.close();
    command.resolve(Buffer.from('OK'));
  }
}

/** ioredis's default is 20; `null` means that a command may wait for ever. */
function furtherAttempts(options: RedisOptions): number | null {
  return options.maxRetriesPerRequest === undefined ? 20 : options.maxRetriesPerRequest;
}
