import { expect } from 'chai';
import fc from 'fast-check';
import { usableOf } from '../../lib/endpoints/weighted-selection.ts';
import { ControllerBench } from './controller-bench.ts';
import { UP } from './flow-table.ts';
import { Flow } from './flow.ts';

describe('For how long no endpoint can take commands', () => {
  const table: readonly (readonly [name: string, steps: readonly string[], since: number | undefined])[] = [
    ['is told from the first moment on', ['wait 100', 'wait 100'], 100],
    ['ends with the first that can', ['time', 'wait 100', 'a ready', 'a healthy'], undefined],
    ['ends with a standby', ['time', 'wait 100', 'b ready', 'b healthy'], undefined],
    ['is not ended by a connection alone', ['time', 'wait 100', 'b ready'], 0],
    ['is not ended by a good check alone', ['time', 'wait 100', 'b healthy'], 0],
    ['begins when the last one is lost', [...UP.map(String), 'wait 5', 'a unhealthy', 'wait 5', 'b lost'], 10],
    ['goes on through switches', [...UP.map(String), 'a lost', 'wait 5', 'b lost', 'wait 5', 'verdict a silence'], 5],
    ['begins anew', [...UP.map(String), 'b lost', 'a lost', 'wait 5', 'a ready', 'wait 5', 'a lost', 'wait 5'], 10],
    ['is not ended by an isolated one', ['a circuit isolated', 'wait 5', 'a ready', 'a healthy'], 0],
  ];

  for (const [name, steps, since] of table) {
    it(name, () => {
      const flow = new Flow('a 2, b 1');
      for (const step of steps) flow.tell(step);

      expect(flow.state.unavailableSince).to.equal(since);
    });
  }

  it('is nothing, whatever happens, exactly while one can', () => {
    const id = fc.constantFrom('a', 'b');
    const news = fc.constantFrom('ready', 'lost', 'healthy 3', 'unhealthy', 'circuit open', 'circuit closed');
    fc.assert(
      fc.property(fc.array(fc.tuple(id, news), { minLength: 1, maxLength: 40 }), (steps) => {
        const flow = new Flow('a 2, b 1');
        for (const step of steps) {
          flow.tell(step.join(' '));
          const isAvailable = usableOf(flow.state.endpoints).length > 0;
          expect(flow.state.unavailableSince === undefined).to.equal(isAvailable);
        }
      }),
    );
  });

  describe('as the controller tells it', () => {
    let bench: ControllerBench;

    beforeEach(() => {
      bench = new ControllerBench();
    });

    afterEach(() => bench.close());

    it('grows with time, and is nothing again behind a recovery', async () => {
      expect(bench.controller.unavailableForMs).to.equal(0);
      bench.signal('b unhealthy');
      bench.signal('verdict a silence');
      await bench.time.tickAsync(61_000);
      expect(bench.controller.unavailableForMs).to.equal(61_000);
      bench.signal('b healthy 1');

      expect(bench.controller.unavailableForMs).to.equal(0);
    });

    it('does not count the time in which nobody was connected', async () => {
      for (const id of ['a', 'b']) bench.signal(`${id} lost`);
      bench.controller.stop();
      await bench.time.tickAsync(3_600_000);
      bench.controller.start();
      bench.signal('a lost');
      await bench.time.tickAsync(200);

      expect(bench.controller.unavailableForMs).to.equal(200);
    });
  });
});
