import { expect } from 'chai';
import fc from 'fast-check';
import type { EndpointStanding } from '../../lib/endpoints/weighted-selection.ts';
import type { Action, FailoverState, Signal } from '../../lib/failover/failover-state.ts';
import { transition } from '../../lib/failover/transition.ts';
import { RULES, parseSignal, stateOf } from './flow.ts';

interface Step {
  readonly before: FailoverState;
  readonly signal: Signal;
  readonly after: FailoverState;
  readonly actions: readonly Action[];
  readonly now: number;
}

const IDS = ['a', 'b', 'c', 'd'];
const id = fc.constantFrom(...IDS);
const reason = fc.constantFrom('silence', 'connection-lost', 'rejected', 'health-check');

/** What may happen, good news more often, with the time that passes before. */
const happening = fc.tuple(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(id, fc.constantFrom('healthy 1', 'healthy 3', 'healthy 3')).map((p) => p.join(' ')),
    },
    { weight: 3, arbitrary: fc.tuple(id, fc.constantFrom('ready', 'ready', 'lost')).map((p) => p.join(' ')) },
    { weight: 2, arbitrary: id.map((it) => `${it} unhealthy`) },
    { weight: 2, arbitrary: fc.tuple(id, fc.constantFrom('empty', 'filled')).map((p) => p.join(' ')) },
    {
      weight: 2,
      arbitrary: fc.tuple(id, fc.constantFrom('closed', 'closed', 'open', 'half-open')).map((p) => p.join(' circuit ')),
    },
    { weight: 2, arbitrary: fc.tuple(id, reason).map((p) => `verdict ${p.join(' ')}`) },
    { weight: 1, arbitrary: fc.tuple(id, fc.constantFrom(1, 2, 3)).map((p) => `weight ${p.join(' ')}`) },
    { weight: 1, arbitrary: fc.tuple(id, fc.constantFrom(1, 2, 3)).map((p) => `add ${p.join(' ')}`) },
    { weight: 1, arbitrary: id.map((it) => `remove ${it}`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('plan', 'force'), id).map((p) => p.join(' ')) },
    { weight: 3, arbitrary: fc.constantFrom('planned-ready', 'planned-ready', 'planned-failed') },
    { weight: 2, arbitrary: fc.constantFrom('pin', 'pin forced', 'release', 'release', 'time') },
  ),
  fc.constantFrom(0, 0, 1, 1_000, 60_000),
);

/** What the rules take for granted: whoever removes an endpoint has left it before, and is not on the way to it. */
function isPossible(state: FailoverState, signal: Signal): boolean {
  const exists = (endpointId: string): boolean => state.endpoints.some((endpoint) => endpoint.id === endpointId);
  switch (signal.type) {
    case 'added':
      return !exists(signal.endpoint.id);
    case 'removed':
      return signal.endpointId !== state.activeId && signal.endpointId !== state.planned?.to;
    case 'plan':
      return exists(signal.planned.to) && signal.planned.to !== state.activeId;
    default:
      return true;
  }
}

function walk(happenings: readonly (readonly [string, number])[]): Step[] {
  const steps: Step[] = [];
  let state = stateOf('a 3, b 2, c 1');
  let now = 0;
  for (const [text, passed] of happenings) {
    now += passed;
    const signal = parseSignal(text);
    if (!isPossible(state, signal)) continue;
    const { state: after, actions } = transition(state, signal, RULES, now, () => 500);
    steps.push({ before: state, signal, after, actions, now });
    state = after;
  }
  return steps;
}

function find(state: FailoverState, endpointId: string): EndpointStanding | undefined {
  return state.endpoints.find((endpoint) => endpoint.id === endpointId);
}

function isGood({ isReady, health, circuit }: EndpointStanding): boolean {
  return isReady && health === 'healthy' && circuit === 'closed';
}

function switches(actions: readonly Action[]): Extract<Action, { type: 'switch' }>[] {
  return actions.filter((action) => action.type === 'switch');
}

describe('Whatever happens', () => {
  const runs = fc.array(happening, { maxLength: 60 });

  function always(name: string, check: (step: Step) => void): void {
    it(name, () => {
      fc.assert(
        fc.property(runs, (happenings) => walk(happenings).forEach(check)),
        { numRuns: 300 },
      );
    });
  }

  always('the active endpoint exists', ({ after }) => {
    expect(find(after, after.activeId)).not.to.equal(undefined);
  });

  always('the epoch counts the switches', ({ before, after, actions }) => {
    expect(after.epoch).to.equal(before.epoch + switches(actions).length);
  });

  always('the active endpoint changes by switches only, each of which begins where the one before ended', (step) => {
    let { activeId } = step.before;
    for (const { from, to } of switches(step.actions)) {
      expect(from).to.equal(activeId);
      expect(to).not.to.equal(from);
      activeId = to;
    }
    expect(activeId).to.equal(step.after.activeId);
  });

  always('every switch has a reason, which belongs to its kind', ({ actions }) => {
    for (const { kind, reason: why, isPlanned } of switches(actions)) {
      const failures = ['silence', 'connection-lost', 'rejected', 'health-check', 'circuit-breaker'];
      expect(why).to.be.oneOf({ failover: failures, failback: ['failback'], manual: ['manual'] }[kind]);
      expect(isPlanned).to.equal(kind !== 'failover');
    }
  });

  always('a failover goes to an endpoint that is ready and not unhealthy', ({ after, actions }) => {
    for (const { kind, to } of switches(actions)) {
      if (kind !== 'failover') continue;
      expect(find(after, to)).to.include({ isReady: true });
      expect(find(after, to)?.health).not.to.equal('unhealthy');
    }
  });

  always('a failover leaves an endpoint that is unhealthy, or whose circuit is open', ({ after, actions }) => {
    for (const { kind, from } of switches(actions)) {
      const left = find(after, from);
      if (kind === 'failover') expect(left?.health === 'unhealthy' || left?.circuit === 'open').to.equal(true);
    }
  });

  always('a failover goes to an endpoint in its grace period only when no other is as good', (step) => {
    const isInGrace = ({ leftAt }: EndpointStanding): boolean =>
      leftAt !== undefined && step.now - leftAt < RULES.gracePeriodMs;
    for (const { kind, from, to } of switches(step.actions)) {
      const target = find(step.after, to);
      if (kind !== 'failover' || target === undefined || !isInGrace(target)) continue;
      const better = step.after.endpoints.filter(
        (it) => it.id !== from && isGood(it) && !isInGrace(it) && !it.hasLostData,
      );
      expect(better).to.deep.equal([]);
    }
  });

  always('a failover goes to an endpoint that lost its data only when no other is as good', (step) => {
    for (const { kind, from, to } of switches(step.actions)) {
      if (kind !== 'failover' || find(step.after, to)?.hasLostData !== true) continue;
      expect(step.after.endpoints.filter((it) => it.id !== from && isGood(it) && !it.hasLostData)).to.deep.equal([]);
    }
  });

  always('a failing endpoint is left, unless none is better', ({ after }) => {
    const active = find(after, after.activeId);
    if (active?.health !== 'unhealthy') return;
    const isBetter = ({ isReady, health }: EndpointStanding): boolean => isReady && health === 'healthy';
    expect(after.endpoints.some(isBetter)).to.equal(false);
  });

  always('a failback is prepared to a heavier endpoint that is good and due', ({ after, actions, now }) => {
    for (const action of actions) {
      if (action.type !== 'prepare' || action.planned.kind !== 'failback') continue;
      const target = find(after, action.planned.to);
      expect(target).to.include({ isReady: true, health: 'healthy', circuit: 'closed', hasLostData: false });
      expect(target?.successes).to.be.at.least(RULES.consecutiveSuccesses);
      expect(target?.weight).to.be.above(find(after, after.activeId)?.weight ?? 0);
      const left = target?.leftAt;
      if (left !== undefined) expect(now).to.be.at.least(left + RULES.gracePeriodMs + after.jitterMs);
    }
  });

  always('a pinned endpoint is the active one, and is not failed back from', ({ after, actions }) => {
    if (after.pinnedId === undefined) return;
    expect(after.pinnedId).to.equal(after.activeId);
    expect(after.planned?.kind).not.to.equal('failback');
    expect(actions.some((action) => action.type === 'look-again')).to.equal(false);
  });

  always('a planned switch is carried out once, and only if it was prepared', ({ before, signal, actions }) => {
    for (const { to, isPlanned } of switches(actions)) {
      if (!isPlanned) continue;
      expect(signal.type).to.equal('planned-ready');
      expect(to).to.equal(before.planned?.to);
    }
  });

  always('a forced switch arrives, and nothing that was known before makes it leave again', (step) => {
    const { planned } = step.before;
    if (step.signal.type !== 'planned-ready' || planned?.isForced !== true) return;
    expect(switches(step.actions).map(({ to }) => to)).to.deep.equal([planned.to]);
    expect(step.after).to.include({ activeId: planned.to, isDown: false });
    expect(find(step.after, planned.to)).to.include({ circuit: 'closed' });
    expect(find(step.after, planned.to)?.health).not.to.equal('unhealthy');
  });

  always('what is known is forgotten when a switch is forced only', ({ before, signal, actions }) => {
    if (!actions.some(({ type }) => type === 'trusted')) return;
    const isForcedPin = signal.type === 'pinned' && signal.isForced;
    expect(isForcedPin || (signal.type === 'planned-ready' && before.planned?.isForced === true)).to.equal(true);
  });

  always('a look is asked for in the future only', ({ actions, now }) => {
    for (const action of actions) if (action.type === 'look-again') expect(action.at).to.be.above(now);
  });

  always('nothing follows from hearing the same again', ({ after, now }) => {
    const again = transition(after, { type: 'time' }, RULES, now).actions;

    expect(switches(again)).to.deep.equal([]);
    expect(again.filter(({ type }) => type !== 'look-again')).to.deep.equal([]);
  });

  it('the best endpoint is active in the end, once all is well again', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        const last = walk(happenings).at(-1);
        let state = last?.after ?? stateOf('a 3, b 2, c 1');
        let now = last?.now ?? 0;
        const tell = (text: string): void => {
          ({ state } = transition(state, parseSignal(text), RULES, now, () => 500));
        };
        if (state.planned !== undefined) tell('planned-ready');
        tell('release');
        for (const { id: it } of state.endpoints) {
          for (const news of ['ready', 'circuit closed', 'filled', 'healthy 3']) tell(`${it} ${news}`);
        }
        // Each switch may make it wait for another grace period, and there are as many as endpoints.
        for (let round = 0; round <= state.endpoints.length; round++) {
          if (state.planned !== undefined) tell('planned-ready');
          now += RULES.gracePeriodMs + 500;
          tell('time');
        }

        const most = Math.max(...state.endpoints.map(({ weight }) => weight));
        expect(find(state, state.activeId)?.weight).to.equal(most);
        expect(state).to.include({ isDown: false, planned: undefined });
      }),
      { numRuns: 300 },
    );
  });

  it('no endpoint is told to be good twice, nor all to be bad', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        let isDown = false;
        for (const { actions } of walk(happenings)) {
          for (const { type } of actions) {
            if (type === 'all-unhealthy') expect(isDown).to.equal(false);
            if (type === 'resumed') expect(isDown).to.equal(true);
            if (type === 'all-unhealthy') isDown = true;
            if (type === 'resumed' || type === 'switch') isDown = false;
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
