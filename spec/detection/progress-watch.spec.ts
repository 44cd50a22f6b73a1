import { expect } from 'chai';
import fc from 'fast-check';
import { ProgressWatch, TICK_MS } from '../../lib/detection/progress-watch.ts';

const GET = { name: 'get', args: ['k'] };

interface Connection {
  isReady: boolean;
  head: { readonly name: string; readonly args: readonly unknown[] } | undefined;
  bytesRead: number;
  bytesWritten: number;
  bytesQueued: number;
}

describe('The watch over a connection', () => {
  let connection: Connection;
  let watch: ProgressWatch;

  beforeEach(() => {
    connection = { isReady: true, head: GET, bytesRead: 0, bytesWritten: 0, bytesQueued: 0 };
    watch = new ProgressWatch();
  });

  function tick(times = 1, elapsedMs = TICK_MS): number {
    for (let i = 0; i < times; i++) watch.tick(connection, elapsedMs);
    return watch.silentMs;
  }

  it('has noticed nothing at first', () => {
    expect(watch.silentMs).to.equal(0);
    expect(tick()).to.equal(0);
  });

  describe('counts silence', () => {
    it('while the same command waits and no byte comes', () => {
      tick();

      expect(tick(10)).to.equal(10 * TICK_MS);
    });

    it('while more commands queue up behind it', () => {
      tick();
      connection.bytesQueued = 100;

      expect(tick(5)).to.equal(5 * TICK_MS);
    });
  });

  describe('counts no silence', () => {
    it('while nothing is asked', () => {
      connection.head = undefined;

      expect(tick(100)).to.equal(0);
    });

    it('while bytes flow, however long the same command waits', () => {
      for (let i = 0; i < 100; i++) {
        connection.bytesRead++;
        expect(tick()).to.equal(0);
      }
    });

    it('while the socket passes on what was queued', () => {
      connection.bytesQueued = 1_000_000;
      for (let i = 0; i < 100; i++) {
        connection.bytesQueued -= 1_000;
        expect(tick()).to.equal(0);
      }
    });

    it('while commands are answered, even without a byte seen', () => {
      for (let i = 0; i < 100; i++) {
        connection.head = { ...GET };
        expect(tick()).to.equal(0);
      }
    });

    it('while a blocking command is the oldest, for as long as it asked for', () => {
      connection.head = { name: 'blpop', args: ['l', '1'] };
      tick();
      expect(tick(1_000 / TICK_MS)).to.equal(0);
      expect(tick(5)).to.equal(5 * TICK_MS);
      connection.head = { name: 'blpop', args: ['l', '0'] };
      expect(tick(1_000)).to.equal(0);
    });

    it('while the connection is not ready', () => {
      connection.isReady = false;

      expect(tick(100)).to.equal(0);
    });

    it('while there is no connection', () => {
      for (let i = 0; i < 100; i++) watch.tick(undefined, TICK_MS);

      expect(watch.silentMs).to.equal(0);
    });

    it('for two connections together', () => {
      tick(10);
      connection = { ...connection };

      expect(tick()).to.equal(0);
      expect(tick()).to.equal(TICK_MS);
    });
  });

  describe('begins anew', () => {
    const progress: readonly (readonly [name: string, change: () => void])[] = [
      ['a byte', () => connection.bytesRead++],
      ['another command at the head', () => (connection.head = { ...GET })],
      ['nothing to wait for', () => (connection.head = undefined)],
      ['the end of the connection', () => (connection.isReady = false)],
    ];

    for (const [name, change] of progress) {
      it(`with ${name}`, () => {
        tick(10);
        change();
        expect(tick()).to.equal(0);
        connection.isReady = true;
        connection.head ??= GET;
        tick();

        expect(tick()).to.be.at.most(2 * TICK_MS);
      });
    }
  });

  describe('on a loop that is late', () => {
    it('counts a late tick for twice its length at most', () => {
      tick();

      expect(tick(1, 60_000)).to.equal(2 * TICK_MS);
    });

    it('counts little lateness in full', () => {
      tick();

      expect(tick(1, 35)).to.equal(35);
    });
  });

  describe('that is told that the endpoint is good', () => {
    it('begins to count anew', () => {
      tick(11);
      watch.forgive();
      expect(watch.silentMs).to.equal(0);

      expect(tick(3)).to.equal(3 * TICK_MS);
    });

    it('forgets that when there is progress', () => {
      tick(11);
      watch.forgive();
      connection.bytesRead++;
      tick();

      expect(tick(3)).to.equal(3 * TICK_MS);
    });

    it('takes the connection for lost when it has been silent for two seconds all the same', () => {
      tick(2_000 / TICK_MS);
      watch.forgive();
      expect(watch.isLost(350)).to.equal(false);
      tick();

      expect(watch.isLost(350)).to.equal(true);
      expect(watch.isLost(3_000)).to.equal(false);
    });

    it('is patient with a connection over which much was sent', () => {
      tick();
      connection.bytesWritten = 262_144 + 300_000;
      tick(2_300 / TICK_MS - 1);
      expect(watch.isLost(350)).to.equal(false);
      tick();

      expect(watch.isLost(350)).to.equal(true);
    });

    it('does not count what was sent before the latest progress', () => {
      connection.bytesWritten = 10_000_000;
      tick(2_000 / TICK_MS + 1);

      expect(watch.isLost(350)).to.equal(true);
    });

    it('takes no connection for a good one', () => {
      expect(watch.isLost(350)).to.equal(false);
    });
  });

  it('counts the time since the latest progress, without what ticks were late by', () => {
    const steps = fc.array(
      fc.record({ elapsedMs: fc.integer({ min: 0, max: 500 }), bytes: fc.constantFrom(0, 0, 0, 7) }),
    );

    fc.assert(
      fc.property(steps, (ticks) => {
        watch = new ProgressWatch();
        let limit = 0;
        for (const [index, { elapsedMs, bytes }] of ticks.entries()) {
          connection.bytesRead += bytes;
          limit = bytes > 0 || index === 0 ? 0 : limit + Math.min(elapsedMs, 2 * TICK_MS);
          expect(tick(1, elapsedMs)).to.equal(limit);
        }
      }),
    );
  });
});
