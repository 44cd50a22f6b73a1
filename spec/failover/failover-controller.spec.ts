import { expect } from 'chai';
import { ControllerBench } from './controller-bench.ts';
import { FakeParticipant } from './fake-participant.ts';
import { RULES } from './flow.ts';

describe('The failover controller', () => {
  let bench: ControllerBench;

  beforeEach(() => {
    bench = new ControllerBench();
  });

  afterEach(() => {
    bench.close();
  });

  describe('leaving an endpoint that is silent', () => {
    for (const reason of ['silence', 'connection-lost', 'health-check', 'rejected'] as const) {
      it(`gives up what is in flight before another one is active (${reason})`, () => {
        bench.signal(`verdict a ${reason}`);

        expect(bench.takeLog()).to.deep.equal([
          'client: abandon a',
          'active b in epoch 1',
          'client: active changed',
          'endpointSwitched',
        ]);
      });
    }

    it('does so for every client before it changes the active endpoint', () => {
      bench.participants = [bench.client, new FakeParticipant('other', bench.log)];
      bench.signal('verdict a silence');

      expect(bench.takeLog()).to.deep.equal([
        'client: abandon a',
        'other: abandon a',
        'active b in epoch 1',
        'client: active changed',
        'other: active changed',
        'endpointSwitched',
      ]);
    });

    it('tells what it did, and since when something was wrong', async () => {
      await bench.time.tickAsync(900);
      bench.signal('verdict a silence', 600);

      expect(bench.events).to.deep.equal([
        {
          name: 'endpointSwitched',
          payload: { from: 'a', to: 'b', kind: 'failover', reason: 'silence', epoch: 1, durationMs: 300, at: 900 },
        },
      ]);
    });
  });

  it('hears what a strategy of the application does while it is asked, behind the decision', async () => {
    bench.close();
    let isAsked = false;
    const choose = (): undefined => {
      if (isAsked) return;
      isAsked = true;
      bench.signal('weight c 9');
    };
    bench = new ControllerBench('a 3, b 2, c 2', { rules: { ...RULES, choose } });
    bench.signal('verdict a rejected answered');
    expect(bench.controller.state.activeId).to.equal('b');
    await bench.time.tickAsync(1);

    expect(bench.controller.standing('c')?.weight).to.equal(9);
    expect(bench.events.map(({ name }) => name)).to.deep.equal(['endpointSwitched']);
  });

  it('hears what a strategy does before what comes later', async () => {
    bench.close();
    const choose = (): undefined => {
      bench.signal('weight c 9');
    };
    bench = new ControllerBench('a 3, b 2, c 2', { rules: { ...RULES, choose } });
    bench.signal('verdict a rejected answered');
    bench.signal('weight c 1');
    expect(bench.controller.standing('c')?.weight).to.equal(1);
    await bench.time.tickAsync(1);

    expect(bench.controller.standing('c')?.weight).to.equal(1);
  });

  describe('leaving an endpoint that still answers', () => {
    const reasons: readonly (readonly [signal: string, reason: string])[] = [
      ['verdict a rejected answered', 'rejected'],
      ['verdict a health-check answered', 'health-check'],
      ['a circuit open', 'circuit-breaker'],
    ];

    for (const [signal, reason] of reasons) {
      it(`holds new commands until what is in flight is answered (${reason})`, async () => {
        bench.signal(signal);
        expect(bench.takeLog()).to.deep.equal([
          'client: hold',
          'active b in epoch 1',
          'client: active changed',
          'client: drain a in 1000',
          'endpointSwitched',
        ]);
        bench.client.drain();
        await bench.time.tickAsync(0);

        expect(bench.takeLog()).to.deep.equal(['client: release']);
      });
    }

    it('gives up what is not answered in time, before new commands go', async () => {
      bench.signal('verdict a rejected answered');
      bench.takeLog();
      bench.client.drain({ answered: 0, unanswered: 1 });
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal(['client: abandon a', 'client: release']);
    });

    it('lets each client go on when it is drained itself', async () => {
      const other = new FakeParticipant('other', bench.log);
      bench.participants = [bench.client, other];
      bench.signal('verdict a rejected answered');
      bench.takeLog();
      other.drain();
      await bench.time.tickAsync(0);
      expect(bench.takeLog()).to.deep.equal(['other: release']);
      bench.client.drain();
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal(['client: release']);
    });
  });

  describe('without an endpoint to go to', () => {
    beforeEach(() => {
      bench.signal('b unhealthy');
      bench.signal('verdict a silence');
    });

    it('tells so once, and when endpoints are looked at again', () => {
      bench.signal('verdict a silence');

      expect(bench.takeLog()).to.deep.equal(['allEndpointsUnhealthy', 'client: all unhealthy']);
      expect(bench.events[0]?.payload).to.deep.equal({ activeEndpoint: 'a', retryAfterMs: 250 });
    });

    it('lets clients go on when the active endpoint is good again, without a switch', () => {
      bench.takeLog();
      bench.signal('a healthy 1');

      expect(bench.takeLog()).to.deep.equal(['client: active changed']);
      expect(bench.registry.epoch).to.equal(0);
    });

    it('switches when another one is good first', () => {
      bench.takeLog();
      bench.signal('b healthy 1');

      expect(bench.takeLog()).to.include('active b in epoch 1');
    });
  });

  describe('failing back', () => {
    beforeEach(async () => {
      await bench.failOver();
    });

    it('looks at the target, holds, drains, switches and releases, once the grace period is over', async () => {
      await bench.time.tickAsync(59_999);
      expect(bench.takeLog()).to.deep.equal([]);
      await bench.time.tickAsync(1);
      expect(bench.takeLog()).to.deep.equal([
        'look at a',
        'may go from b to a?',
        'client: hold',
        'client: drain b in 1000',
      ]);
      bench.client.waiting = 2;
      bench.client.drain({ answered: 3, unanswered: 1 });
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal([
        'active a in epoch 2',
        'client: active changed',
        'client: release',
        'endpointSwitched',
      ]);
      const [event] = bench.events.slice(-1);
      expect(event?.payload).to.include({ from: 'b', to: 'a', kind: 'failback', reason: 'failback' });
      expect(event?.payload).to.have.deep.property('report', {
        ...{ from: 'b', to: 'a', epoch: 2, moved: 2, drained: 3, interrupted: 1, isDrained: false, heldMs: 0 },
        phases: { checkMs: 0, drainMs: 0, switchMs: 0 },
      });
    });

    it('counts from the decision on how long it took', async () => {
      await bench.time.tickAsync(60_000);
      await bench.time.tickAsync(400);
      bench.client.drain();
      await bench.time.tickAsync(0);

      expect(bench.events.at(-1)?.payload).to.include({ durationMs: 400 });
    });

    it('stays when the target does not pass the look, and asks for good checks anew', async () => {
      bench.isUsable = () => Promise.resolve(false);
      await bench.time.tickAsync(60_000);
      expect(bench.takeLog()).to.deep.equal(['look at a']);
      for (const successes of [1, 2]) bench.signal(`a healthy ${successes}`);
      expect(bench.takeLog()).to.deep.equal([]);
      bench.signal('a healthy 3');

      expect(bench.takeLog()).to.deep.equal(['look at a']);
    });

    it('stays when the application does not want to go, and asks again after good checks', async () => {
      bench.mayFailBack = () => Promise.resolve(false);
      await bench.time.tickAsync(60_000);
      expect(bench.takeLog()).to.deep.equal(['look at a', 'may go from b to a?']);
      bench.signal('a healthy 2');
      expect(bench.takeLog()).to.deep.equal([]);
      bench.mayFailBack = () => Promise.resolve(true);
      bench.signal('a healthy 3');
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.include('client: hold');
    });

    it('is called off by a failure while the application is asked', async () => {
      let answer: ((isOpen: boolean) => void) | undefined;
      bench.mayFailBack = () => new Promise((resolve) => (answer = resolve));
      await bench.time.tickAsync(60_000);
      bench.signal('verdict b silence');
      bench.takeLog();
      answer?.(true);
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.controller.state).to.include({ activeId: 'a', epoch: 2 });
    });

    it('is called off by a failure during the look', async () => {
      let tell: ((isUsable: boolean) => void) | undefined;
      bench.isUsable = () => new Promise((resolve) => (tell = resolve));
      await bench.time.tickAsync(60_000);
      bench.signal('verdict b silence');
      bench.takeLog();
      tell?.(true);
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.controller.state).to.include({ activeId: 'a', epoch: 2 });
    });

    it('waits for a random time on top of the grace period', async () => {
      bench.close();
      bench = new ControllerBench('a 2, b 1', { jitterMs: 1_000 }, { random: () => 0.25 });
      await bench.failOver();
      await bench.time.tickAsync(60_249);
      expect(bench.takeLog()).to.deep.equal([]);
      await bench.time.tickAsync(1);

      expect(bench.takeLog()).to.include('look at a');
    });

    it('looks once, however often the endpoint is found good meanwhile', async () => {
      for (let successes = 4; successes < 50; successes++) bench.signal(`a healthy ${successes}`);
      await bench.time.tickAsync(61_000);

      expect(bench.takeLog().filter((line) => line.startsWith('look'))).to.have.length(1);
    });
  });

  describe('that is stopped', () => {
    it('hears nothing any more', () => {
      bench.controller.stop();
      bench.signal('verdict a silence');

      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.controller.state.activeId).to.equal('a');
    });

    it('does not fail back', async () => {
      await bench.failOver();
      bench.controller.stop();
      await bench.time.tickAsync(120_000);

      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.time.countTimers()).to.equal(0);
    });

    it('goes on when it is started again, without the failback that was being prepared', async () => {
      let answer: (isUsable: boolean) => void = () => undefined;
      bench.isUsable = () => new Promise((resolve) => (answer = resolve));
      await bench.failOver();
      await bench.time.tickAsync(60_000);
      expect(bench.takeLog()).to.deep.equal(['look at a']);
      bench.controller.stop();
      bench.controller.start();
      answer(true);
      await bench.time.tickAsync(0);
      expect(bench.takeLog()).to.deep.equal([]);
      bench.signal('a healthy 9');

      expect(bench.takeLog()).to.deep.equal(['look at a']);
    });
  });

  it('knows how an endpoint stands', () => {
    bench.signal('b unhealthy');

    expect(bench.controller.standing('b')).to.include({ id: 'b', health: 'unhealthy', weight: 1 });
    expect(bench.controller.standing('x')).to.equal(undefined);
  });
});
