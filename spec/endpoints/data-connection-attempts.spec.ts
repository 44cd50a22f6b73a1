import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { outcomeOf } from '../dispatch/commands.ts';
import { ConnectionBench, HANDSHAKE_MS } from './connection-bench.ts';

describe('A connection to an endpoint that connects', () => {
  let bench: ConnectionBench;

  beforeEach(async () => {
    bench = new ConnectionBench();
    await bench.open();
  });

  afterEach(() => bench.close());

  describe('whose handshake hangs', () => {
    beforeEach(() => void bench.server.answers.delete('info'));

    it('gives the attempt up in time, and makes another one', async () => {
      bench.connection.start();
      await bench.hangs(0);
      bench.clock.advance(HANDSHAKE_MS);
      const second = await bench.hangs(1);
      second.reply('$9\r\nloading:0');
      await bench.logged('ready 1 true');

      expect(bench.log).to.deep.equal(['ready 1 true']);
    });

    it('lets a young attempt go on when it is nudged', async () => {
      bench.connection.start();
      const first = await bench.hangs(0);
      bench.connection.nudge();
      first.reply('$9\r\nloading:0');
      await bench.logged('ready 1 true');

      expect(bench.server.connections).to.have.length(1);
    });

    it('gives up each attempt that is too old when it is nudged', async () => {
      bench.connection.start();
      for (let attempt = 0; attempt < 3; attempt++) {
        await bench.hangs(attempt);
        // The process stood still: the limit of the attempt itself does not count that.
        bench.clock.freeze(HANDSHAKE_MS);
        bench.connection.nudge();
      }
      (await bench.hangs(3)).reply('$9\r\nloading:0');
      await bench.logged('ready 1 true');

      expect(bench.server.connections).to.have.length(4);
    });
  });

  describe('whose credentials are looked for', () => {
    let found: (() => void)[];

    beforeEach(async () => {
      bench.close();
      bench = new ConnectionBench();
      found = [];
      await bench.open({}, () => new Promise((resolve) => found.push(resolve)));
      bench.connection.start();
    });

    it('lets a young attempt go on when it is nudged', async () => {
      await nextTurn();
      bench.connection.nudge();
      await nextTurn();
      expect(found).to.have.length(1);
      found[0]?.();
      await bench.logged('ready 1 true');

      expect(bench.server.connections).to.have.length(1);
    });

    it('is connected once, however late those of an older attempt come', async () => {
      await nextTurn();
      bench.clock.freeze(HANDSHAKE_MS);
      bench.connection.nudge();
      await nextTurn();
      expect(found).to.have.length(2);
      for (const resolve of found) resolve();
      await bench.logged('ready 1 true');

      expect(bench.server.connections).to.have.length(1);
      expect(bench.log).to.deep.equal(['ready 1 true']);
    });

    it('may be closed meanwhile', async () => {
      await nextTurn();
      bench.connection.close();
      found[0]?.();
      await nextTurn();
      await nextTurn();

      expect(bench.server.connections).to.deep.equal([]);
    });
  });

  it('tells when the server does not let it in', async () => {
    bench.server.answers.set('info', '-NOAUTH no\r\n');
    bench.connection.start();
    await bench.logged('not let in: NOAUTH no');

    expect(bench.connection.isReady).to.equal(false);
  });

  it('cuts the pause before the next attempt short when it is nudged', async () => {
    bench.server.answers.set('info', '-NOAUTH no\r\n');
    bench.connection.start();
    const first = await bench.server.connection();
    await bench.server.waitFor(() => first.end !== 'open');
    bench.server.answers.set('info', '$9\r\nloading:0\r\n');
    bench.connection.nudge();
    await bench.logged('ready 1 true');
    bench.connection.nudge();

    expect(bench.connection.epoch).to.equal(1);
  });

  it('is closed for good', async () => {
    const wire = await bench.start();
    const [sent] = await bench.inFlight('incr k');
    bench.connection.close();
    expect(bench.connection.isReady).to.equal(false);
    bench.connection.nudge();
    await bench.logged('lost: incr k');
    await bench.server.waitFor(() => wire.end !== 'open');
    await nextTurn();

    expect(bench.log).to.deep.equal(['lost: incr k']);
    expect(await outcomeOf(sent!)).to.equal('pending');
    expect(bench.server.connections).to.have.length(1);
  });

  it('may be closed while it connects, and again', async () => {
    bench.connection.start();
    bench.connection.close();
    bench.connection.close();
    await nextTurn();

    expect(bench.log).to.deep.equal([]);
    expect(bench.server.connections).to.deep.equal([]);
  });

  it('may be closed before it was started', async () => {
    bench.connection.close();
    bench.connection.start();
    await nextTurn();

    expect(bench.server.connections).to.deep.equal([]);
  });
});
