import { expect } from 'chai';
import type { DrainResult } from '../../lib/endpoints/connection.ts';
import { isGeoFailoverError } from '../../lib/errors.ts';
import type { SwitchRequest } from '../../lib/failover/planned-switch.ts';
import type { SwitchReport } from '../../lib/events.ts';
import { ControllerBench } from './controller-bench.ts';

describe('A switch by hand', () => {
  let bench: ControllerBench;

  beforeEach(() => {
    bench = new ControllerBench('a 3, b 2, c 1');
  });

  afterEach(() => {
    bench.close();
  });

  /** Settled in the background, so that a spec can look in between. */
  function switchTo(to: string, request?: SwitchRequest): { result: SwitchReport | undefined; error: unknown } {
    const outcome: { result: SwitchReport | undefined; error: unknown } = { result: undefined, error: undefined };
    bench.controller.switchTo(to, 'manual', request).then(
      (report) => (outcome.result = report),
      (error: unknown) => (outcome.error = error),
    );
    return outcome;
  }

  async function drain(result?: DrainResult): Promise<void> {
    bench.client.drain(result);
    await bench.time.tickAsync(0);
  }

  it('holds, drains, switches and releases', async () => {
    const outcome = switchTo('b', { checkMs: 7 });
    expect(bench.takeLog()).to.deep.equal(['client: hold', 'client: drain a in 1000']);
    await bench.time.tickAsync(30);
    bench.client.waiting = 4;
    await drain({ answered: 9, unanswered: 0 });

    expect(bench.takeLog()).to.deep.equal([
      'active b in epoch 1',
      'client: active changed',
      'client: release',
      'endpointSwitched',
    ]);
    const report = {
      ...{ from: 'a', to: 'b', epoch: 1, moved: 4, drained: 9, interrupted: 0, isDrained: true, heldMs: 30 },
      phases: { checkMs: 7, drainMs: 30, switchMs: 0 },
    };
    expect(outcome.result).to.deep.equal(report);
    expect(bench.events[0]?.payload).to.deep.include({ kind: 'manual', reason: 'manual', durationMs: 30, report });
  });

  it('drains for as long as its caller wants', () => {
    switchTo('b', { drainMs: 5_000 });

    expect(bench.takeLog()).to.include('client: drain a in 5000');
  });

  it('gives nothing up that is not drained in time: it finishes on the old endpoint', async () => {
    const outcome = switchTo('b');
    await drain({ answered: 2, unanswered: 3 });

    expect(bench.takeLog()).not.to.include('client: abandon a');
    expect(outcome.result).to.include({ isDrained: false, drained: 2, interrupted: 3 });
  });

  it('stays, whatever is preferred, until it is released', async () => {
    switchTo('c');
    await drain();
    bench.takeLog();
    await bench.time.tickAsync(120_000);
    bench.signal('a healthy 9');
    expect(bench.takeLog()).to.deep.equal([]);
    bench.signal('release');

    expect(bench.takeLog()).to.deep.equal(['look at a']);
  });

  describe('to the endpoint that is active', () => {
    it('needs no switch, and pins it', async () => {
      const outcome = switchTo('a');
      await bench.time.tickAsync(0);

      expect(outcome.result).to.deep.equal({
        ...{ from: 'a', to: 'a', epoch: 0, moved: 0, drained: 0, interrupted: 0, isDrained: true, heldMs: 0 },
        phases: { checkMs: 0, drainMs: 0, switchMs: 0 },
      });
      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.controller.state.pinnedId).to.equal('a');
    });

    it('calls off another one that is being prepared', async () => {
      const other = switchTo('b');
      switchTo('a');
      await drain();

      expect(isGeoFailoverError(other.error, 'GEO_ENDPOINT_UNHEALTHY')).to.equal(true);
      expect(bench.controller.state).to.include({ activeId: 'a', pinnedId: 'a', epoch: 0 });
    });
  });

  describe('that is forced', () => {
    it('goes to an endpoint that is known to fail, and says that it is trusted before it is active', async () => {
      bench.signal('b unhealthy');
      const outcome = switchTo('b', { isForced: true });
      bench.signal('b unhealthy');
      bench.takeLog();
      await drain();

      expect(bench.takeLog()).to.deep.equal([
        'trust b, unhealthy',
        'active b in epoch 1',
        'client: active changed',
        'client: release',
        'endpointSwitched',
      ]);
      expect(outcome.result).to.include({ to: 'b', epoch: 1 });
      expect(bench.controller.state).to.include({ activeId: 'b', pinnedId: 'b' });
    });

    it('lets clients go on when it is to the active endpoint, which was down', async () => {
      for (const id of ['b', 'c']) bench.signal(`${id} unhealthy`);
      bench.signal('verdict a silence');
      bench.takeLog();
      switchTo('a', { isForced: true });
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal(['trust a, unhealthy', 'client: active changed']);
    });
  });

  describe('that is superseded', () => {
    it('by a newer one fails, and releases what it held', async () => {
      const [older, newer] = [switchTo('b'), switchTo('c')];
      await drain();

      expect(isGeoFailoverError(older.error, 'GEO_ENDPOINT_UNHEALTHY')).to.equal(true);
      expect(older.error).to.include({ endpointId: 'b' });
      expect(newer.result).to.include({ from: 'a', to: 'c', epoch: 1 });
      const log = bench.takeLog();
      for (const what of ['hold', 'release']) {
        expect(log.filter((line) => line === `client: ${what}`)).to.have.length(2);
      }
    });

    it('by a failure fails, and does not go on afterwards', async () => {
      const outcome = switchTo('c');
      bench.signal('verdict a silence');
      await drain();

      expect(outcome.error).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY', endpointId: 'c', epoch: 1 });
      expect(bench.controller.state).to.include({ activeId: 'b', pinnedId: undefined });
      expect(bench.takeLog().at(-1)).to.equal('client: release');
    });

    it('by the end of the client fails', async () => {
      const outcome = switchTo('b');
      bench.controller.stop();
      await drain();

      expect(isGeoFailoverError(outcome.error, 'GEO_CLIENT_CLOSED')).to.equal(true);
      expect(bench.takeLog().at(-1)).to.equal('client: release');
      expect(bench.registry.activeId).to.equal('a');
    });

    it('does not disturb a failback that it superseded itself', async () => {
      await bench.failOver();
      await bench.time.tickAsync(60_000);
      bench.takeLog();
      const outcome = switchTo('c');
      await drain();

      expect(outcome.result).to.include({ from: 'b', to: 'c', epoch: 2 });
      expect(bench.controller.state).to.include({ activeId: 'c', pinnedId: 'c' });
    });
  });

  describe('from an endpoint that shall be removed', () => {
    it('pins nothing, and says why', async () => {
      const report = bench.controller.switchTo('b', 'endpoint-removed');
      await drain();
      await report;

      expect(bench.controller.state.pinnedId).to.equal(undefined);
      expect(bench.events[0]?.payload).to.include({ kind: 'manual', reason: 'endpoint-removed' });
    });
  });
});
