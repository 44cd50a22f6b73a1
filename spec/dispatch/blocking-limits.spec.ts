import { expect } from 'chai';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

/** Turns of the event loop take a millisecond of fake time each. */
const SOCKETS_READ_MS = 3;

describe("A blocking command, with ioredis's option blockingTimeout", () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay({ blockingTimeout: { ms: 5_000, graceMs: 100 } });
  });

  for (const [line, ms] of [
    ['blpop q 0', 5_000],
    ['blpop q 1', 1_100],
    ['blpop q 60', 60_100],
    ['xread block 300 streams x 3', 400],
    ['xread streams x 3', 5_000],
  ] as const) {
    it(`resolves with null when it is not answered within ${ms} ms (${line})`, async () => {
      const command = way.send(line);
      await time.tickAsync(ms - 1);
      expect(await outcomeOf(command)).to.equal('pending');
      await time.tickAsync(1 + SOCKETS_READ_MS);

      expect(await outcomeOf(command)).to.equal(null);
    });
  }

  it('resolves with null when it could not be sent for so long, and is not sent any more', async () => {
    way.stopServing();
    const command = way.send('blpop q 60');
    await time.tickAsync(5_000 + SOCKETS_READ_MS);
    expect(await outcomeOf(command)).to.equal(null);
    way.serveAgain();

    expect(way.a.written).to.deep.equal([]);
  });

  it('counts from its call on, whatever became of it since', async () => {
    way.stopServing();
    const command = way.send('blpop q 0');
    await time.tickAsync(3_000);
    way.serveAgain();
    expect(way.a.written).to.deep.equal(['blpop q 0']);
    await time.tickAsync(2_000 + SOCKETS_READ_MS);

    expect(await outcomeOf(command)).to.equal(null);
  });

  it('has its reply when that comes in time, and no timer of it stays', async () => {
    const command = way.send('blpop q 0');
    way.a.answer('element');
    expect(await outcomeOf(command)).to.equal('element');
    await time.tickAsync(5_000 + SOCKETS_READ_MS);

    expect(await outcomeOf(command)).to.equal('element');
    expect(time.countTimers()).to.equal(0);
  });

  it('is none of those whose reply cannot be null', async () => {
    const commands = ['wait 1 0', 'get k'].map((line) => way.send(line));
    await time.tickAsync(60_000);

    expect(await Promise.all(commands.map(outcomeOf))).to.deep.equal(['pending', 'pending']);
  });

  it('may wait as long as it likes without the option', async () => {
    way = new CommandWay();
    const command = way.send('blpop q 0');
    await time.tickAsync(86_400_000);

    expect(await outcomeOf(command)).to.equal('pending');
  });
});
