import { type EndpointStanding, selectFailoverTarget } from '../endpoints/weighted-selection.ts';
import { isOnItsWayUp, withAvailability } from './availability.ts';
import { byNewRules } from './changed-rules.ts';
import { type UntilWindow, considerFailback, withFitness } from './consider-failback.ts';
import type { Failure, FailoverRules, FailoverState, PlannedSwitch, Signal, Transition } from './failover-state.ts';
import { lengthened, rememberedOfActive } from './hold-down.ts';

/**
 * Applies a signal: first what it says, then what follows from the new state.
 *
 * @param random The random part of the delay before a failback, in milliseconds.
 * @param untilWindowMs How long it is until a failback may happen by the calendar; asked only when one is due.
 */
export function transition(
  state: FailoverState,
  signal: Signal,
  rules: FailoverRules,
  now: number,
  random: () => number = () => 0,
  untilWindowMs: UntilWindow = () => 0,
): Transition {
  const applied = apply(state, signal, rules, now, random, untilWindowMs);
  const known = withFitness(withoutExpiredPin(applied.state, now), rules, now);
  const decided = decide(known, rules, now, random, untilWindowMs);
  return { state: withAvailability(decided.state, now), actions: [...applied.actions, ...decided.actions] };
}

function apply(
  state: FailoverState,
  signal: Signal,
  rules: FailoverRules,
  now: number,
  random: () => number,
  untilWindowMs: UntilWindow,
): Transition {
  switch (signal.type) {
    case 'health': {
      const { endpointId, health, successes } = signal;
      // What holds an endpoint back is against a failback only.
      const isWelcome = successes > 0 || state.planned?.kind !== 'failback';
      return only(told(state, endpointId, { health, successes }, health !== 'unhealthy' && isWelcome));
    }
    case 'circuit': {
      const { endpointId, circuit } = signal;
      const changed = update(state, endpointId, { circuit });
      // Who isolates it wants nothing to go there, whatever was wanted before.
      return only(circuit === 'isolated' ? withoutPlanTo(changed, endpointId) : changed);
    }
    case 'ready':
      return only(withConnection(told(state, signal.endpointId, { isReady: signal.isReady }, signal.isReady), signal));
    case 'data':
      return only(update(state, signal.endpointId, { hasLostData: signal.hasLostData }));
    case 'weight':
      return only(update(state, signal.endpointId, { weight: signal.weight }));
    case 'verdict': {
      const judged = told(state, signal.endpointId, { health: 'unhealthy', successes: 0 }, false);
      return only(signal.endpointId === state.activeId ? { ...judged, failure: signal.failure } : judged);
    }
    case 'added':
      return only({ ...state, endpoints: [...state.endpoints, signal.endpoint] });
    case 'removed':
      return only({
        ...withoutPlanTo(state, signal.endpointId),
        endpoints: state.endpoints.filter(({ id }) => id !== signal.endpointId),
        connectedOnce: state.connectedOnce.filter((id) => id !== signal.endpointId),
      });
    case 'replaced': {
      const { endpointId: id, standing } = signal;
      const replaced = update(state, id, { ...standing, health: 'healthy' });
      if (id !== state.activeId) return only(replaced); // rare: standby-replaced
      // rare: active-endpoint-replaced
      const how = { kind: 'manual', reason: 'endpoint-replaced', isPlanned: true, isAnswering: true } as const;
      return {
        state: { ...replaced, epoch: state.epoch + 1 },
        actions: [{ type: 'switch', from: id, to: id, ...how }],
      };
    }
    case 'released':
      return only({
        ...(state.planned?.reason === 'manual' ? withoutPlanTo(state, state.planned.to) : state),
        ...UNPINNED,
      });
    case 'plan':
      return { state: { ...state, planned: signal.planned }, actions: [{ type: 'prepare', planned: signal.planned }] };
    case 'planned-failed':
      // rare: failback-refuted
      // Its good checks have been refuted, so that they have to be earned again.
      return only({ ...update(state, state.planned?.to, { successes: 0 }), planned: undefined });
    case 'pinned': {
      const pinned = { ...state, ...pinOn(state.activeId, signal.pinMs, now), planned: undefined };
      return signal.isForced ? trust(pinned, state.activeId) : only(pinned);
    }
    case 'planned-ready':
      return state.planned === undefined
        ? only(state)
        : switchTo(state, state.planned, { isPlanned: true, isAnswering: true }, rules, now, random);
    case 'rules':
      return only(byNewRules(state, signal.change, rules, now, random, untilWindowMs));
    case 'time':
      return only(state);
  }
}

function decide(
  state: FailoverState,
  rules: FailoverRules,
  now: number,
  random: () => number,
  untilWindowMs: UntilWindow,
): Transition {
  const active = state.endpoints.find(({ id }) => id === state.activeId);
  const failure = active === undefined ? undefined : failureOf(state, active);
  if (failure !== undefined) return leave(state, failure, rules, now, random);
  const good: FailoverState = { ...state, servingSince: state.servingSince ?? now };
  if (state.isDown) return serving(good); // rare: resumed-without-a-switch
  return considerFailback({ ...good, failure: undefined }, rules, now, untilWindowMs);
}

function failureOf(state: FailoverState, active: EndpointStanding): Failure | undefined {
  if (active.health === 'unhealthy') return state.failure ?? { reason: 'health-check', isAnswering: false };
  return active.circuit === 'open' ? { reason: 'circuit-breaker', isAnswering: true } : undefined;
}

function leave(
  state: FailoverState,
  failure: Failure,
  rules: FailoverRules,
  now: number,
  random: () => number,
): Transition {
  const target = selectFailoverTarget(state.endpoints, { ...rules, activeId: state.activeId, now });
  if (target !== undefined && target.id !== state.activeId) {
    const { reason, isAnswering } = failure;
    const planned: PlannedSwitch = { to: target.id, kind: 'failover', reason, ...UNASKED };
    return switchTo(state, planned, { isPlanned: false, isAnswering }, rules, now, random);
  }
  const unforgiven = failing(state, rules, now);
  // Its circuit is open, but so is every other, and its checks are good: it goes on serving.
  if (target !== undefined) return serving(unforgiven); // rare: serves-on-with-an-open-circuit
  const mayFollow = state.endpoints.some((endpoint) => endpoint.id !== state.activeId && isOnItsWayUp(endpoint, state));
  if (state.isDown || mayFollow) return only(unforgiven); // rare: failed-and-nowhere-to-go-yet
  // rare: all-unhealthy
  return { state: { ...unforgiven, isDown: true, failure }, actions: [{ type: 'all-unhealthy' }] };
}

function switchTo(
  state: FailoverState,
  planned: PlannedSwitch,
  how: { readonly isPlanned: boolean; readonly isAnswering: boolean },
  rules: FailoverRules,
  now: number,
  random: () => number,
): Transition {
  const { to, kind, reason, isForced } = planned;
  const arrived = isForced ? trust(state, to) : only(state);
  const remembered = rememberedOfActive(state, rules, now);
  const holdDownMs = kind === 'failover' ? lengthened(remembered, rules) : remembered;
  const left = { holdDownMs, leftAt: now, isLeftForBetter: kind === 'failback' };
  return {
    state: {
      ...update(arrived.state, state.activeId, left),
      activeId: to,
      epoch: state.epoch + 1,
      servingSince: now,
      ...(reason === 'manual' ? pinOn(to, planned.pinMs, now) : UNPINNED),
      planned: undefined,
      isDown: false,
      failure: undefined,
      jitterMs: random(),
    },
    actions: [...arrived.actions, { type: 'switch', from: state.activeId, to, kind, reason, ...how }],
  };
}

const UNASKED = { isForced: false, isRequested: false } as const;

const UNPINNED = { pinnedId: undefined, pinnedUntil: undefined } as const;

type Pin = Pick<FailoverState, 'pinnedId' | 'pinnedUntil'>;

function pinOn(endpointId: string, pinMs: number | undefined, now: number): Pin {
  return { pinnedId: endpointId, pinnedUntil: pinMs === undefined ? undefined : now + pinMs };
}

function withoutExpiredPin(state: FailoverState, now: number): FailoverState {
  return state.pinnedUntil !== undefined && state.pinnedUntil <= now ? { ...state, ...UNPINNED } : state;
}

/** Forgets what speaks against an endpoint, so that only something newer can make it be left. */
function trust(state: FailoverState, endpointId: string): Transition {
  const known = state.endpoints.find(({ id }) => id === endpointId);
  if (known === undefined) return only(state);
  // rare: forced-endpoint-trusted
  const health = known.health === 'unhealthy' ? 'unknown' : known.health;
  return {
    state: update(state, endpointId, { health, circuit: 'closed' }),
    actions: [{ type: 'trusted', endpointId, health: known.health }],
  };
}

/** Nothing is switched to an endpoint that failed while the switch was prepared, unless it is wanted all the same. */
function told(
  state: FailoverState,
  endpointId: string,
  change: Partial<EndpointStanding>,
  isGood: boolean,
): FailoverState {
  const changed = update(state, endpointId, change);
  return isGood || state.planned?.isForced === true ? changed : withoutPlanTo(changed, endpointId);
}

function withConnection(state: FailoverState, signal: Extract<Signal, { type: 'ready' }>): FailoverState {
  const { connectedOnce } = state;
  const isKnown = !signal.isReady || connectedOnce.includes(signal.endpointId);
  return isKnown ? state : { ...state, connectedOnce: [...connectedOnce, signal.endpointId] };
}

function withoutPlanTo(state: FailoverState, endpointId: string): FailoverState {
  return state.planned?.to === endpointId ? { ...state, planned: undefined } : state;
}

/** The active endpoint fails and stays the active one: what it has served counts by now, and while it fails nothing does. */
function failing(state: FailoverState, rules: FailoverRules, now: number): FailoverState {
  const holdDownMs = rememberedOfActive(state, rules, now);
  return { ...update(state, state.activeId, { holdDownMs }), servingSince: undefined };
}

/** The active endpoint is good; what was wrong with it before is over. */
function serving(state: FailoverState): Transition {
  return {
    state: { ...state, isDown: false, failure: undefined },
    actions: state.isDown ? [{ type: 'resumed' }] : [],
  };
}

function only(state: FailoverState): Transition {
  return { state, actions: [] };
}

function update(
  state: FailoverState,
  endpointId: string | undefined,
  change: Partial<EndpointStanding>,
): FailoverState {
  return {
    ...state,
    endpoints: state.endpoints.map((endpoint) => (endpoint.id === endpointId ? { ...endpoint, ...change } : endpoint)),
  };
}
