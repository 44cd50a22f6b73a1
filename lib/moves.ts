import { type EndpointStanding, isIsolated, usableOf } from './endpoints/weighted-selection.ts';
import { GeoFailoverError, isGeoFailoverError } from './errors.ts';
import type { SwitchReport } from './events.ts';
import type { GeoCore } from './geo-core.ts';
import { mayServe } from './health/check-result.ts';
import type { SwitchToOptions } from './options/switch-to-options.ts';

/** Switches that somebody asks for, each to an endpoint that is looked at first. A newer request supersedes an older one. */
export class Moves {
  readonly #core: GeoCore;
  #latest: symbol | undefined;

  constructor(core: GeoCore) {
    this.#core = core;
  }

  /** @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED` */
  async switchTo(id: string, { force: isForced = false, drainMs, pinMs }: SwitchToOptions): Promise<SwitchReport> {
    const request = this.#begin();
    const isLookedAt = !isForced && id !== this.#core.activeEndpointId;
    const checkMs = isLookedAt ? await this.#look(id, request) : 0;
    return this.#core.controller.switchTo(id, 'manual', { drainMs, isForced, pinMs, checkMs });
  }

  /** Nothing that was asked for goes on. */
  release(): void {
    this.#begin();
    this.#core.controller.signal({ type: 'released' });
  }

  /**
   * To the best endpoint that can take over, without waiting for anything.
   *
   * @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY` when none of those that are better can take over, `GEO_CLIENT_CLOSED`
   */
  async failback(): Promise<SwitchReport | undefined> {
    const { controller } = this.#core;
    const request = this.#begin();
    const isBetter = (endpoint: EndpointStanding | undefined): boolean => {
      const weight = controller.standing(this.#core.activeEndpointId)?.weight ?? 0;
      return endpoint !== undefined && endpoint.weight > weight && !isIsolated(endpoint);
    };
    const better = controller.state.endpoints.filter(isBetter);
    const attempt = async (id: string): Promise<SwitchReport | undefined> => {
      const checkMs = await this.#look(id, request, { mayBeHeldBack: false });
      this.#assertHasData(id);
      // Another one may have become active, or preferred, during the look.
      return isBetter(controller.standing(id)) ? controller.switchTo(id, 'failback', { checkMs }) : undefined;
    };
    if (better.length > 0) return this.#firstOf(inOrder(better), request, attempt);
    controller.signal({ type: 'released' });
    return undefined;
  }

  /**
   * @returns what became of commands, if it was the active one.
   * @throws GeoFailoverError `GEO_NO_HEALTHY_ENDPOINT`, `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED`; it is not isolated
   * then, unless a newer request wants it to be.
   */
  async isolate(id: string): Promise<SwitchReport | undefined> {
    const { controller, registry } = this.#core;
    const wasActive = id === this.#core.activeEndpointId;
    if (wasActive) this.#assertRefuge(id, 'isolate');
    // Before it is left, so that nothing comes back to it meanwhile.
    registry.get(id).breaker.isolate();
    if (!wasActive) return undefined;
    const request = this.#begin();
    try {
      return await this.#leave(id, 'endpoint-isolated', request);
    } catch (error) {
      const isStillActive = id === this.#core.activeEndpointId;
      if (isStillActive && request === this.#latest) registry.find(id)?.breaker.reset();
      controller.assertRunning();
      // A failure was faster: commands go elsewhere, and that is what was wanted.
      if (!isStillActive) return undefined;
      throw error;
    }
  }

  /** @throws GeoFailoverError `GEO_NO_HEALTHY_ENDPOINT`, `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED` */
  async leaveForGood(id: string): Promise<SwitchReport | undefined> {
    this.#assertRefuge(id, 'remove');
    return this.#leave(id, 'endpoint-removed', this.#begin());
  }

  /** Away from the active endpoint, to the best that answers. */
  #leave(
    id: string,
    reason: 'endpoint-isolated' | 'endpoint-removed',
    request: symbol,
  ): Promise<SwitchReport | undefined> {
    const { controller } = this.#core;
    return this.#firstOf(this.#refugesFrom(id), request, async (target) => {
      const checkMs = await this.#look(target, request, { mayBeOpen: true });
      if (id !== this.#core.activeEndpointId) return undefined;
      // One whose circuit is open would be left at once, and that means to be back here.
      const isForced = controller.standing(target)?.circuit !== 'closed';
      return controller.switchTo(target, reason, { isForced, checkMs });
    });
  }

  #refugesFrom(id: string): string[] {
    return inOrder(usableOf(this.#core.controller.state.endpoints)).filter((other) => other !== id);
  }

  #assertRefuge(id: string, what: 'isolate' | 'remove'): void {
    if (this.#refugesFrom(id).length > 0) return;
    const { retryAfterMs } = this.#core;
    const message = `Cannot ${what} ${id}: no other endpoint is healthy`;
    throw new GeoFailoverError('GEO_NO_HEALTHY_ENDPOINT', message, { endpointId: id, retryAfterMs });
  }

  /** One endpoint after the other. @throws what the first of them failed with, when all did. */
  async #firstOf<T>(ids: readonly string[], request: symbol, attempt: (id: string) => Promise<T>): Promise<T> {
    let firstError: unknown;
    for (const id of ids) {
      try {
        return await attempt(id);
      } catch (error) {
        firstError ??= error;
        const isOfThisOne = isGeoFailoverError(error, 'GEO_ENDPOINT_UNHEALTHY');
        if (!isOfThisOne || request !== this.#latest) throw error;
      }
    }
    throw firstError;
  }

  #begin(): symbol {
    return (this.#latest = Symbol('request'));
  }

  /** @returns how long that took, in milliseconds. */
  async #look(id: string, request: symbol, { mayBeOpen = false, mayBeHeldBack = true } = {}): Promise<number> {
    const { clock, controller } = this.#core;
    const startedAt = clock.now();
    const result = await this.#core.look(id);
    controller.assertRunning();
    const standing = controller.standing(id);
    if (request !== this.#latest) throw unusable(id, 'another switch was wanted meanwhile');
    const isGoodEnough = result.ok || (mayBeHeldBack && mayServe(result));
    if (!isGoodEnough) throw unusable(id, result.error.message, result.error);
    if (standing?.isReady !== true) throw unusable(id, 'its data connection is not ready');
    if (isIsolated(standing)) throw unusable(id, 'it is isolated');
    if (!mayBeOpen && standing.circuit === 'open') throw unusable(id, 'its circuit is open');
    return clock.now() - startedAt;
  }

  #assertHasData(id: string): void {
    const { controller, options } = this.#core;
    if (options.failback.allowEmptyEndpoint || controller.standing(id)?.hasLostData !== true) return;
    throw unusable(id, 'it came back without its data');
  }
}

/** Closed circuits before others, and heavier ones first; of equal ones the first listed. */
function inOrder(endpoints: readonly EndpointStanding[]): string[] {
  const isClosed = ({ circuit }: EndpointStanding): number => Number(circuit === 'closed');
  return [...endpoints].sort((a, b) => isClosed(b) - isClosed(a) || b.weight - a.weight).map(({ id }) => id);
}

function unusable(endpointId: string, why: string, cause?: Error): GeoFailoverError {
  return new GeoFailoverError('GEO_ENDPOINT_UNHEALTHY', `Cannot switch to ${endpointId}: ${why}`, {
    endpointId,
    cause,
  });
}
