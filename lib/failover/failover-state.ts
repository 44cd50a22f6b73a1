import type { Choice } from './selection-strategy.ts';
import type { EndpointStanding } from '../endpoints/weighted-selection.ts';
import type { CircuitState, HealthStatus, SwitchKind, SwitchReason } from '../events.ts';

/** The whole state on which switches are decided. Plain data. */
export interface FailoverState {
  /** In the order of the options. */
  readonly endpoints: readonly EndpointStanding[];
  readonly activeId: string;
  /** Counts the switches. */
  readonly epoch: number;
  /** Since when the active endpoint has served without failing, on the monotonic clock; not while it fails. */
  readonly servingSince: number | undefined;
  /** The endpoint that `switchTo()` chose; no failback leaves it. */
  readonly pinnedId: string | undefined;
  /** When that ends by itself, on the monotonic clock. */
  readonly pinnedUntil: number | undefined;
  /** A planned switch that is being prepared. */
  readonly planned: PlannedSwitch | undefined;
  /** The active endpoint failed and none could take over. */
  readonly isDown: boolean;
  /** Since when no endpoint could take commands, on the monotonic clock. */
  readonly unavailableSince: number | undefined;
  /** Why the active endpoint was found to fail, for the switch that is still to come. */
  readonly failure: Failure | undefined;
  /** Random part of the delay before a failback, drawn anew for each switch. */
  readonly jitterMs: number;
  /** Since when an endpoint has been good enough for a failback, by its id. */
  readonly fitSince: Readonly<Record<string, number>>;
  /** Endpoints that have had a connection for data: when they lose it, it is not on its way for the first time. */
  readonly connectedOnce: readonly string[];
}

export interface Failure {
  readonly reason: SwitchReason;
  /** The endpoint itself said that it cannot serve, so that what is in flight to it will be answered too. */
  readonly isAnswering: boolean;
}

export interface PlannedSwitch {
  readonly to: string;
  readonly kind: SwitchKind;
  readonly reason: SwitchReason;
  /** Whatever is known of the target: it gets the benefit of the doubt. */
  readonly isForced: boolean;
  /** Somebody has asked for it, and carries it out. */
  readonly isRequested: boolean;
  /** For how long no failback leaves the target; without it until that is released. */
  readonly pinMs?: number | undefined;
}

export interface FailoverRules {
  readonly isFailbackEnabled: boolean;
  readonly gracePeriodMs: number;
  /** How long that may get for an endpoint that fails again and again. Not below it. */
  readonly maxGracePeriodMs: number;
  readonly consecutiveSuccesses: number;
  /** Instead of the weights, for a failover. */
  readonly choose?: Choice | undefined;
  /** Whether an endpoint that lost its data is as good as any other. */
  readonly allowEmptyEndpoint: boolean;
}

/** What something is measured by, and was until the rules changed. They may have changed again before that is heard. */
export interface RulesChange {
  readonly gracePeriodMs: { readonly before: number; readonly now: number };
  /** Whether the random part of the delay is to be drawn anew. */
  readonly isJitterOutdated: boolean;
}

export type Signal =
  | { readonly type: 'health'; readonly endpointId: string; readonly health: HealthStatus; readonly successes: number }
  | { readonly type: 'circuit'; readonly endpointId: string; readonly circuit: CircuitState }
  | { readonly type: 'ready'; readonly endpointId: string; readonly isReady: boolean }
  /** The endpoint was looked at and found to fail. */
  | { readonly type: 'verdict'; readonly endpointId: string; readonly failure: Failure }
  /** It was seen whether the endpoint came back without its data, and has none yet. */
  | { readonly type: 'data'; readonly endpointId: string; readonly hasLostData: boolean }
  | { readonly type: 'weight'; readonly endpointId: string; readonly weight: number }
  | { readonly type: 'added'; readonly endpoint: EndpointStanding }
  | { readonly type: 'removed'; readonly endpointId: string }
  /** What replaces the endpoint was found good, and has its place from now on. */
  | {
      readonly type: 'replaced';
      readonly endpointId: string;
      readonly standing: Pick<EndpointStanding, 'weight' | 'circuit' | 'isReady' | 'successes'>;
    }
  /** A planned switch is wanted; its target has been checked. */
  | { readonly type: 'plan'; readonly planned: PlannedSwitch }
  /** Everything is held and drained: switch now. */
  | { readonly type: 'planned-ready' }
  | { readonly type: 'planned-failed' }
  /** The active endpoint shall stay the active one. */
  | { readonly type: 'pinned'; readonly isForced: boolean; readonly pinMs?: number | undefined }
  | { readonly type: 'released' }
  /** The rules are others from now on. */
  | { readonly type: 'rules'; readonly change: RulesChange }
  | { readonly type: 'time' };

export type Action =
  | {
      readonly type: 'switch';
      readonly from: string;
      readonly to: string;
      readonly kind: SwitchKind;
      readonly reason: SwitchReason;
      readonly isPlanned: boolean;
      /** Whether the endpoint that is left still answers what is in flight to it. */
      readonly isAnswering: boolean;
    }
  | { readonly type: 'prepare'; readonly planned: PlannedSwitch }
  /** What was known of the endpoint counts no longer. */
  | { readonly type: 'trusted'; readonly endpointId: string; readonly health: HealthStatus }
  | { readonly type: 'all-unhealthy' }
  /** The active endpoint is good again although nothing was switched. */
  | { readonly type: 'resumed' }
  | { readonly type: 'look-again'; readonly at: number };

export interface Transition {
  readonly state: FailoverState;
  readonly actions: readonly Action[];
}
