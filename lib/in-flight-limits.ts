import type { ClientConnections } from './client-connections.ts';
import { unsubscribeAll } from './dispatch/desired-subscriptions.ts';
import type { Connection, DrainResult } from './endpoints/connection.ts';
import type { GeoCore } from './geo-core.ts';

export interface InFlightLimitsSetup {
  readonly core: GeoCore;
  readonly connections: ClientConnections;
  readonly drained: (endpointId: string, deadlineMs: number) => Promise<DrainResult>;
  readonly abandon: (endpointId: string) => void;
}

/** Bounds for how long one client's commands stay in flight to an endpoint that was left, or fails. */
export class InFlightLimits {
  readonly #setup: InFlightLimitsSetup;

  constructor(setup: InFlightLimitsSetup) {
    this.#setup = setup;
  }

  /** An endpoint that is not active fails. */
  giveUp(endpointId: string): void {
    const { connections, abandon } = this.#setup;
    if ((connections.to(endpointId)?.pending ?? 0) > 0) abandon(endpointId); // rare: failing-standby-has-commands-in-flight
  }

  /** The active endpoint fails and no other can take over. */
  async limit(endpointId: string): Promise<void> {
    const { core } = this.#setup;
    const endpoint = core.registry.find(endpointId);
    const judgedAt = endpoint?.judgedAt;
    await this.#drainOrAbandon(
      endpointId,
      () =>
        // It may have been good in between, and fail anew.
        endpoint?.judgedAt === judgedAt &&
        endpointId === core.activeEndpointId &&
        core.controller.standing(endpointId)?.health === 'unhealthy',
    );
  }

  /** What is still in flight to an endpoint that was left gets its time. */
  async leave(endpointId: string, { staysConnected }: { readonly staysConnected: boolean }): Promise<void> {
    const { core, connections } = this.#setup;
    const connection = connections.to(endpointId);
    const isLeft = await this.#drainOrAbandon(endpointId, () => endpointId !== core.activeEndpointId);
    if (isLeft && !staysConnected) connections.closeTo(endpointId);
    else if (isLeft && connection?.isSubscribed === true) unsubscribe(connection); // rare: subscriptions-given-up-behind
  }

  /** @returns whether it still was due when the time was up, or everything was answered. */
  async #drainOrAbandon(endpointId: string, isDue: () => boolean): Promise<boolean> {
    const { core, connections, drained, abandon } = this.#setup;
    const connection = connections.to(endpointId);
    const { unanswered } = await drained(endpointId, core.options.retry.deadlineMs);
    if (!isDue() || connections.to(endpointId) !== connection) return false; // rare: limit-no-longer-due
    if (unanswered > 0) abandon(endpointId); // rare: left-endpoint-given-up
    return true;
  }
}

/** Whatever it still hears is heard elsewhere. */
function unsubscribe(connection: Connection): void {
  for (const command of unsubscribeAll(connection)) {
    connection.sendOwn(command).catch(() => undefined);
  }
}
