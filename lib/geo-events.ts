import { EventEmitter } from 'node:events';
import createDebug from 'debug';
import type { GeoFailoverEventName, GeoFailoverEvents } from './events.ts';

export type DebugTopic = 'health' | 'failover' | 'command';

type Listener<E extends GeoFailoverEventName> = (payload: GeoFailoverEvents[E]) => void;

const NAMESPACE = 'ioredis-geo-failover';

const debug: Readonly<Record<DebugTopic, createDebug.Debugger>> = {
  health: createDebug(`${NAMESPACE}:health`),
  failover: createDebug(`${NAMESPACE}:failover`),
  command: createDebug(`${NAMESPACE}:command`),
};

const TOPICS: Readonly<Record<GeoFailoverEventName, DebugTopic>> = {
  endpointSwitched: 'failover',
  healthStatusChanged: 'health',
  circuitStateChanged: 'health',
  allEndpointsUnhealthy: 'failover',
  ownNetworkSuspected: 'failover',
  ownProcessStalled: 'failover',
  checksOverruled: 'health',
  endpointLostData: 'health',
  degradedStart: 'failover',
  subscriptionsMoved: 'failover',
  actionFailed: 'failover',
};

/** The events of `redis.geo`, and what is written for people who debug. */
export class GeoEvents {
  readonly #emitter = new EventEmitter();

  /** Delivered on the next tick, as ioredis's own are, so that no listener runs in the middle of a switch. */
  emit<E extends GeoFailoverEventName>(event: E, payload: GeoFailoverEvents[E]): void {
    debug[TOPICS[event]]('%s %o', event, payload);
    process.nextTick(() => this.#emitter.emit(event, payload));
  }

  on<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): void {
    this.#emitter.on(event, listener);
  }

  once<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): void {
    this.#emitter.once(event, listener);
  }

  off<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): void {
    this.#emitter.off(event, listener);
  }

  debug(topic: DebugTopic, message: string): void {
    debug[topic](message);
  }
}
