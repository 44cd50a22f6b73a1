import { heaviest, isIsolated, usableOf } from './endpoints/weighted-selection.ts';
import { GeoFailoverError } from './errors.ts';
import type { SwitchReport } from './events.ts';
import type { GeoCore } from './geo-core.ts';
import { invalidOptions } from './options/problems.ts';

export interface SwitchToOptions {
  /**
   * Switch without looking at the endpoint first, and give it the benefit of the doubt: when it was unhealthy, its health is
   * `unknown` from then on, and its circuit is closed, also when it was isolated. It is left only when something newer says
   * that it fails.
   *
   * @default false
   */
  readonly force?: boolean;
  /** Time that commands in flight get to finish, in milliseconds. @default `failover.drainMs` */
  readonly drainMs?: number;
  /**
   * For how long no failback leaves the endpoint, in milliseconds. Greater than `0`. A failover leaves it all the same.
   *
   * @default until `release()`
   */
  readonly pinMs?: number;
}

/** Switches that somebody asks for, each to an endpoint that is looked at first. */
export class Moves {
  readonly #core: GeoCore;

  constructor(core: GeoCore) {
    this.#core = core;
  }

  /** @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY`, `GEO_INVALID_OPTIONS`, `GEO_CLIENT_CLOSED` */
  async switchTo(id: string, { force: isForced = false, drainMs, pinMs }: SwitchToOptions): Promise<SwitchReport> {
    const { controller } = this.#core;
    assertTime('drainMs', drainMs, 0);
    assertTime('pinMs', pinMs, 1);
    const isLookedAt = !isForced && id !== this.#core.activeEndpointId;
    const checkMs = isLookedAt ? await this.#look(id) : 0;
    return controller.switchTo(id, 'manual', { drainMs, isForced, pinMs, checkMs });
  }

  /**
   * To the best endpoint, without waiting for anything.
   *
   * @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY` when none of those that are better can take over, `GEO_CLIENT_CLOSED`
   */
  async failback(): Promise<SwitchReport | undefined> {
    const { controller, activeEndpointId, options } = this.#core;
    const weight = controller.standing(activeEndpointId)?.weight ?? 0;
    const better = controller.state.endpoints.filter((endpoint) => endpoint.weight > weight && !isIsolated(endpoint));
    const usable = usableOf(better).filter(
      ({ circuit, hasLostData }) => circuit === 'closed' && (options.failback.allowEmptyEndpoint || !hasLostData),
    );
    const target = heaviest(usable.length > 0 ? usable : better, activeEndpointId);
    if (target === undefined) return undefined;
    const checkMs = await this.#look(target.id);
    const isEmpty = controller.standing(target.id)?.hasLostData === true;
    if (isEmpty && !options.failback.allowEmptyEndpoint) throw unusable(target.id, 'it came back without its data');
    return controller.switchTo(target.id, 'failback', { checkMs });
  }

  /**
   * @returns what became of commands, if it was the active one.
   * @throws GeoFailoverError `GEO_NO_HEALTHY_ENDPOINT`, `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED`; it is not isolated then.
   */
  async isolate(id: string): Promise<SwitchReport | undefined> {
    const { controller, registry } = this.#core;
    const { breaker } = registry.get(id);
    const isActive = (): boolean => id === this.#core.activeEndpointId;
    const target = isActive() ? this.#refugeFrom(id, 'isolate') : undefined;
    // Before it is left, so that nothing comes back to it meanwhile.
    breaker.isolate();
    if (target === undefined) return undefined;
    try {
      return await controller.switchTo(target, 'endpoint-isolated', { isForced: true });
    } catch (error) {
      controller.assertRunning();
      // A failure was faster: commands go elsewhere, and that is what was wanted.
      if (!isActive()) return undefined;
      breaker.reset();
      throw error;
    }
  }

  /**
   * Away from the active endpoint.
   *
   * @throws GeoFailoverError `GEO_NO_HEALTHY_ENDPOINT`, `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED`
   */
  async leaveForGood(id: string): Promise<SwitchReport> {
    // Even if its circuit is open: to be left at once would mean to be back here.
    return this.#core.controller.switchTo(this.#refugeFrom(id, 'remove'), 'endpoint-removed', { isForced: true });
  }

  #refugeFrom(id: string, what: 'isolate' | 'remove'): string {
    const { controller, retryAfterMs } = this.#core;
    const others = usableOf(controller.state.endpoints).filter((endpoint) => endpoint.id !== id);
    const closed = others.filter(({ circuit }) => circuit === 'closed');
    const target = heaviest(closed.length > 0 ? closed : others, id);
    if (target !== undefined) return target.id;
    const message = `Cannot ${what} ${id}: no other endpoint is healthy`;
    throw new GeoFailoverError('GEO_NO_HEALTHY_ENDPOINT', message, { endpointId: id, retryAfterMs });
  }

  /** @returns how long that took, in milliseconds. */
  async #look(id: string): Promise<number> {
    const { clock, controller } = this.#core;
    const startedAt = clock.now();
    const result = await this.#core.look(id);
    controller.assertRunning();
    const standing = controller.standing(id);
    if (!result.ok) throw unusable(id, result.error.message, result.error);
    if (standing?.isReady !== true) throw unusable(id, 'its data connection is not ready');
    if (isIsolated(standing)) throw unusable(id, 'it is isolated');
    if (standing.circuit === 'open') throw unusable(id, 'its circuit is open');
    return clock.now() - startedAt;
  }
}

function unusable(endpointId: string, why: string, cause?: Error): GeoFailoverError {
  return new GeoFailoverError('GEO_ENDPOINT_UNHEALTHY', `Cannot switch to ${endpointId}: ${why}`, {
    endpointId,
    cause,
  });
}

function assertTime(path: string, ms: number | undefined, least: number): void {
  if (ms === undefined || (Number.isFinite(ms) && ms >= least)) return;
  throw invalidOptions([{ path, rule: `must be a finite number >= ${least}`, value: String(ms) }]);
}
