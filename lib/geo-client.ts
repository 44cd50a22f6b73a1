import type { RedisOptions } from 'ioredis';
import { ClientConnections } from './client-connections.ts';
import { clientListener } from './client-listener.ts';
import { ClientSuccessors } from './client-successors.ts';
import { FlowWatches } from './detection/flow-watches.ts';
import { Heartbeat } from './detection/heartbeat.ts';
import { ProgressHold } from './detection/progress-hold.ts';
import { SuccessCount } from './detection/success-count.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection, DrainResult, Flow } from './endpoints/connection.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { CoreMember } from './geo-core-member.ts';
import type { GeoClientSetup } from './geo-client-setup.ts';
import { commandOptions } from './options/command-options.ts';
import { InFlightLimits } from './in-flight-limits.ts';
import type { IoredisCommand } from './ioredis-internals/types.ts';
import { lastAnswers } from './last-answers.ts';
import { type RetirementSetup, giveUpOvertaken, retireConnection } from './retire-connection.ts';
import { ToldReadiness } from './told-readiness.ts';

/** After half a second without a command nothing is watched until the next one. */
const IDLE_TICKS = 25;

/** One client's part of everything: its connections and its command way. */
export class GeoClient implements CoreMember {
  readonly dispatcher: Dispatcher;
  readonly #setup: GeoClientSetup;
  readonly #connections: ClientConnections;
  readonly successors: ClientSuccessors;
  readonly #watch = new FlowWatches<Flow>();
  readonly #progressHold: ProgressHold;
  readonly #limits: InFlightLimits;
  readonly #successes = new SuccessCount();
  readonly #heartbeat = new Heartbeat();
  readonly #told: ToldReadiness;
  keepsStandbys = false;
  #idleTicks = 0;
  #isClosed = false;

  constructor(setup: GeoClientSetup, facadeOptions: RedisOptions) {
    const { core } = setup;
    this.#setup = setup;
    this.#told = new ToldReadiness(setup);
    this.#progressHold = new ProgressHold({
      clock: core.clock,
      hold: () => this.hold(),
      release: () => this.release(),
    });
    this.#connections = new ClientConnections({
      core,
      override: setup.override,
      onError: setup.onError,
      listenerOf: (endpoint) => clientListener(endpoint, this, setup),
    });
    this.#limits = new InFlightLimits({
      core,
      connections: this.#connections,
      drained: (endpointId, deadlineMs) => this.drained(endpointId, deadlineMs),
      abandon: (endpointId) => this.abandon(endpointId),
    });
    this.successors = new ClientSuccessors({
      connections: this.#connections,
      isConnectedTo: (id) => this.#wants(id),
      onLeft: (connection) => void retireConnection(connection, this.#retirement),
    });
    this.dispatcher = new Dispatcher({
      view: core,
      options: core.options,
      clock: core.clock,
      ...commandOptions(facadeOptions),
      connectionTo: (endpointId) => this.#connections.to(endpointId),
      ask: (endpointId, name, args) => core.checks.ask(endpointId, name, args),
      onWake: () => core.wake(),
      onQuit: (command) => void this.#quit(command),
      onSubscriptionsMoved: setup.onSubscriptionsMoved,
      onStateRefused: setup.onError,
      onBackoffFailed: (error) => core.events.emit('actionFailed', { action: 'retry.backoff.strategy', error }),
      onSelected: setup.onSelected,
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** To the active endpoint. */
  get connection(): Connection | undefined {
    return this.#connections.to(this.#setup.core.activeEndpointId);
  }

  start(): void {
    const { core } = this.#setup;
    this.keepsStandbys = core.join(this);
    for (const endpoint of core.registry.all) {
      if (this.#wants(endpoint.id)) this.#connections.connectTo(endpoint);
    }
  }

  keepStandbys(): void {
    this.keepsStandbys = true;
    for (const endpoint of this.#setup.core.registry.all) this.#connections.tryToConnectTo(endpoint);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.dispatcher.close();
    this.successors.close();
    this.#connections.close();
    this.#setup.core.leave(this);
    this.#setup.onEnd();
  }

  /** Ends the connection to the active endpoint as if it had been lost, and connects anew. */
  reconnect(): void {
    const { core } = this.#setup;
    if (!this.isReady(core.activeEndpointId)) return;
    this.abandon(core.activeEndpointId);
    this.#told.tellDown(0);
  }

  isReady(endpointId: string): boolean {
    return this.#connections.to(endpointId)?.isReady ?? false;
  }

  refresh(): void {
    this.dispatcher.refresh();
    this.#tellIfReady();
  }

  nudge(endpointId: string): void {
    const connection = this.#connections.to(endpointId);
    const { core } = this.#setup;
    if (connection !== undefined) {
      if (endpointId === core.activeEndpointId && this.#heartbeat.beat(connection)) core.wake();
      return connection.nudge();
    }
    const endpoint = core.registry.find(endpointId);
    if (endpoint !== undefined && this.#wants(endpointId)) this.#connections.tryToConnectTo(endpoint);
  }

  replaceIfSilent(endpointId: string): void {
    const { core } = this.#setup;
    const connection = this.#connections.to(endpointId);
    const flow = this.#watch.mostSilent;
    this.#watch.forgive();
    if (connection?.isReady !== true || this.#progressHold.isHeld || flow === undefined) return;
    const isLost = (): boolean => this.#watch.isLost(flow, core.options.failover.silenceFloorMs);
    this.#progressHold.begin(flow, isLost, () => {
      this.abandon(endpointId, flow);
      core.suspect(endpointId, 'connection-lost');
    });
  }

  giveUpInFlight(endpointId: string): void {
    this.#limits.giveUp(endpointId);
  }

  limitInFlight(endpointId: string): Promise<void> {
    return this.#limits.limit(endpointId);
  }

  tick(elapsedMs: number): boolean {
    const { core } = this.#setup;
    const connection = this.#connections.to(core.activeEndpointId);
    const endedMs = this.#watch.tick(connection?.flows ?? [], elapsedMs);
    if (connection === undefined) return false;
    const successes = this.#successes.since(connection);
    core.recordSuccesses(connection.endpointId, successes);
    const isIdle = successes === 0 && connection.pending === 0;
    this.#idleTicks = isIdle ? this.#idleTicks + 1 : 0;
    core.silenceSeen(connection.endpointId, this.#watch.silentMs, endedMs);
    return this.#idleTicks >= IDLE_TICKS && this.dispatcher.park();
  }

  hold(): void {
    this.dispatcher.hold();
  }

  release(): number {
    return this.dispatcher.release();
  }

  drained(endpointId: string, deadlineMs: number): Promise<DrainResult> {
    const connection = this.#connections.to(endpointId);
    if (connection !== undefined) void this.dispatcher.blocked.callOff(connection);
    return this.dispatcher.drained(connection, deadlineMs);
  }

  abandon(endpointId: string, flow?: Flow): void {
    const wasReady = this.isReady(endpointId);
    const connection = this.#connections.to(endpointId);
    if (connection !== undefined) this.dispatcher.state.interrupted(connection);
    this.dispatcher.abandon(connection, flow);
    if (wasReady) this.#setup.core.readinessChanged(endpointId);
  }

  activeChanged(): void {
    const { core } = this.#setup;
    this.#progressHold.end();
    const endpoint = core.registry.find(core.activeEndpointId);
    if (endpoint !== undefined) this.#connections.tryToConnectTo(endpoint);
    giveUpOvertaken(this.#retirement);
    this.dispatcher.activeChanged();
    core.wake();
    for (const id of this.#connections.endpointIds) if (id !== core.activeEndpointId) this.#leave(id);
    this.#tellIfReady();
  }

  allUnhealthy(): void {
    const { core, onError } = this.#setup;
    if (core.activeError !== undefined) onError(core.activeError);
    this.#told.tellDown(core.retryAfterMs);
  }

  endpointAdded(endpoint: Endpoint): void {
    if (this.keepsStandbys) this.#connections.connectTo(endpoint);
  }

  endpointRemoved(endpointId: string): void {
    this.successors.callOff(endpointId);
    this.#connections.closeTo(endpointId);
  }

  get #retirement(): RetirementSetup {
    return { core: this.#setup.core, connections: this.#connections, dispatcher: this.dispatcher };
  }

  #wants(endpointId: string): boolean {
    return this.keepsStandbys || endpointId === this.#setup.core.activeEndpointId;
  }

  #tellIfReady(): void {
    this.#told.tellIfUp(this.isReady(this.#setup.core.activeEndpointId));
  }

  /** Only who keeps standbys stays connected to an endpoint that is left. */
  #leave(endpointId: string): void {
    const connection = this.#connections.to(endpointId);
    if (connection !== undefined) this.dispatcher.state.interrupted(connection);
    void this.#limits.leave(endpointId, { staysConnected: this.keepsStandbys });
  }

  async #quit(command: IoredisCommand): Promise<void> {
    await lastAnswers(this.dispatcher, () => this.connection, this.#setup.core);
    command.resolve(Buffer.from('OK'));
    this.close();
  }
}
