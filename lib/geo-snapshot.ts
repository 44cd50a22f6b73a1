import type { EndpointStatus } from './endpoint-status.ts';
import type { GeoCore } from './geo-core.ts';

/** Everything as it stands at one moment, as plain data: it can be logged, and sent as JSON. */
export interface GeoSnapshot {
  /** Calendar time, milliseconds since 1970. */
  readonly at: number;
  readonly activeEndpoint: string;
  readonly epoch: number;
  /** The endpoint that `switchTo()` has pinned, until `release()`. */
  readonly pinnedEndpoint: string | undefined;
  /** The active endpoint is suspected and looked at; commands wait. */
  readonly isVerifying: boolean;
  /** The active endpoint fails, and no other can take over; commands wait. */
  readonly areAllUnhealthy: boolean;
  /** All endpoints fell silent at once, and none has answered since. */
  readonly isOwnNetworkSuspected: boolean;
  /**
   * How punctually the timers of this process have come of late, while something was watched: 1 when they are on time, towards
   * 0 the more its event loop is blocked. What comes late is not held against an endpoint, whatever this says.
   */
  readonly ownHealth: number;
  /** The endpoint that serves although its health check fails, because there is no other and its server answers. */
  readonly overruledEndpoint: string | undefined;
  /** {@link GeoFailoverControl.detectionBoundMs} */
  readonly detectionBoundMs: number;
  readonly endpoints: readonly EndpointSnapshot[];
}

/** An endpoint as it stands; of its last error the message. */
export interface EndpointSnapshot extends Omit<EndpointStatus, 'lastError'> {
  readonly lastError: string | undefined;
}

export function snapshotOf(core: GeoCore, endpoints: readonly EndpointStatus[]): GeoSnapshot {
  const { controller, activeEndpointId, epoch, isVerifying, suspicions } = core;
  return {
    at: Date.now(),
    activeEndpoint: activeEndpointId,
    epoch,
    pinnedEndpoint: controller.state.pinnedId,
    isVerifying,
    areAllUnhealthy: controller.state.isDown,
    isOwnNetworkSuspected: suspicions.ownNetwork.isSuspected,
    ownHealth: suspicions.ownHealth.score,
    overruledEndpoint: core.health.overruledChecks.overruled?.id,
    detectionBoundMs: suspicions.boundMs(activeEndpointId),
    endpoints: endpoints.map(({ lastError, ...rest }) => ({ ...rest, lastError: lastError?.message })),
  };
}
