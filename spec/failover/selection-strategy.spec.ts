import { expect } from 'chai';
import type { GeoEvents } from '../../lib/geo-events.ts';
import { choiceOf } from '../../lib/failover/selection-strategy.ts';
import { selectFailoverTarget } from '../../lib/endpoints/weighted-selection.ts';
import type { EndpointCandidate, SelectEndpoint } from '../../lib/index.ts';
import { stateOf } from './flow.ts';

describe('A choice of the application among endpoints', () => {
  let failures: string[];

  beforeEach(() => {
    failures = [];
  });

  const events: Pick<GeoEvents, 'emit'> = {
    emit: (_event, payload) => failures.push((payload as { readonly error: Error }).error.message),
  };

  /** Of `a 4, b 3, c 2, d 1`, where a is active, and those that are named do not answer. */
  function targetOf(select: SelectEndpoint | undefined, ...failing: string[]): string | undefined {
    const endpoints = stateOf('a 4, b 3, c 2, d 1').endpoints.map((endpoint) => ({
      ...endpoint,
      isReady: true,
      health: failing.includes(endpoint.id) ? ('unhealthy' as const) : ('healthy' as const),
    }));
    const rules = { activeId: 'a', gracePeriodMs: 0, allowEmptyEndpoint: true, now: 0 };
    return selectFailoverTarget(endpoints, { ...rules, choose: choiceOf(select, events) })?.id;
  }

  it('is asked with those that are fit, and decides', () => {
    const asked: (readonly EndpointCandidate[])[] = [];
    const target = targetOf((candidates) => (asked.push(candidates), 'd'), 'a', 'b');

    expect(target).to.equal('d');
    expect(asked).to.deep.equal([
      [
        { id: 'c', weight: 2, isActive: false },
        { id: 'd', weight: 1, isActive: false },
      ],
    ]);
  });

  it('is left to the weights without an answer', () => {
    expect(targetOf(() => undefined, 'a')).to.equal('b');
    expect(targetOf(undefined, 'a')).to.equal('b');
    expect(failures).to.deep.equal([]);
  });

  it('has to be made at once: what becomes of a promise is no matter', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.once('unhandledRejection', note);
    const target = targetOf((() => Promise.reject(new Error('too late'))) as unknown as SelectEndpoint, 'a');
    // Node tells of it behind the microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('unhandledRejection', note);

    expect([target, failures.length, unhandled]).to.deep.equal(['b', 1, []]);
  });

  it('is not asked where there is none', () => {
    const never = (): string => expect.fail('it was asked');

    expect(targetOf(never, 'a', 'b', 'c')).to.equal('d');
    expect(targetOf(never, 'a', 'b', 'c', 'd')).to.equal(undefined);
  });

  it('is left to the weights when it fails, and that is told', () => {
    const fails = (): string => {
      throw new Error('no latency known');
    };

    expect(targetOf(fails, 'a')).to.equal('b');
    expect(targetOf(() => 'a', 'a')).to.equal('b');
    expect(targetOf(() => 7 as unknown as string, 'a')).to.equal('b');
    expect(failures).to.deep.equal(['no latency known', '"a" is no candidate', '7 is no candidate']);
  });
});
