import { expect } from 'chai';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('Commands that block', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;
  let asked: string[];
  /** What the server says to CLIENT UNBLOCK, which it hears over another connection. */
  let unblock: () => unknown;

  beforeEach(() => {
    asked = [];
    unblock = () => 1;
    way = new CommandWay({
      ask: (endpointId, name, args) => {
        asked.push([endpointId, name, ...args].join(' '));
        return new Promise((resolve) => {
          resolve(unblock());
        });
      },
    });
    way.dispatcher.blocked.identify(way.a);
    way.a.answer(42);
    way.a.written.length = 0;
  });

  async function callOff(reply: unknown = null): Promise<void> {
    unblock = () => {
      way.a.answer(reply);
      return 1;
    };
    await way.dispatcher.blocked.callOff(way.a);
  }

  for (const [line, onNext] of [
    ['blpop q 0', 'blpop q 0'],
    ['blpop q 10', 'blpop q 7.5'],
    ['blmove a b left right 10', 'blmove a b left right 7.5'],
    ['bzmpop 10 1 z min', 'bzmpop 7.5 1 z min'],
    ['xread block 10000 streams x 3', 'xread block 7500 streams x 3'],
    ['xreadgroup group g c block 0 streams x >', 'xreadgroup group g c block 0 streams x >'],
  ] as const) {
    it(`go on with the rest of their time on the next endpoint (${line})`, async () => {
      const command = way.send(line);
      way.dispatcher.hold();
      await time.tickAsync(2_500);
      await callOff();
      way.switchTo('b');
      way.dispatcher.release();
      expect(asked).to.deep.equal(['a client unblock 42']);
      expect(way.b.written).to.deep.equal([onNext]);
      way.b.answer('element');

      expect(await outcomeOf(command)).to.equal('element');
    });
  }

  it('keep what they got before they were called off', async () => {
    const command = way.send('blpop q 0');
    await callOff([Buffer.from('q'), Buffer.from('element')]);
    way.switchTo('b');

    expect(await outcomeOf(command)).to.deep.equal(['q', 'element']);
    expect(way.b.written).to.deep.equal([]);
  });

  it('have run out of time when none is left', async () => {
    const command = way.send('blpop q 1');
    await time.tickAsync(1_000);
    await callOff();

    expect(await outcomeOf(command)).to.equal(null);
  });

  it('are called off one after the other', async () => {
    const commands = [way.send('blpop q 0'), way.send('blpop r 0')];
    way.dispatcher.hold();
    await callOff();
    way.switchTo('b');
    way.dispatcher.release();

    expect(asked).to.have.lengthOf(2);
    expect(way.b.written).to.deep.equal(['blpop q 0', 'blpop r 0']);
    expect(await Promise.all(commands.map(outcomeOf))).to.deep.equal(['pending', 'pending']);
  });

  it('are asked for again when they had not reached the server yet', async () => {
    way.send('blpop q 0');
    unblock = () => 0;
    const calledOff = way.dispatcher.blocked.callOff(way.a);
    await time.tickAsync(50);
    expect(asked.length).to.equal(3);
    unblock = () => {
      way.a.answer(null);
      return 1;
    };
    await time.tickAsync(50);
    await calledOff;

    expect(asked.length).to.equal(4);
  });

  it('stay when the server does not let go of them', async () => {
    const command = way.send('blpop q 1');
    unblock = () => {
      throw new Error('NOPERM no');
    };
    await way.dispatcher.blocked.callOff(way.a);
    await time.tickAsync(1_000);
    way.a.answer(null);

    expect(await outcomeOf(command)).to.equal(null);
  });

  it('have their time counted from when they begin to block', async () => {
    way.send('blpop q 2');
    way.send('blpop r 2');
    await time.tickAsync(1_500);
    way.a.answer(['q', 'element']);
    way.dispatcher.hold();
    await time.tickAsync(500);
    await callOff();
    way.switchTo('b');
    way.dispatcher.release();

    expect(way.b.written).to.deep.equal(['blpop r 1.5']);
  });

  it('have all of it when the one before them is called off', async () => {
    way.send('blpop q 2');
    way.send('blpop r 2');
    way.dispatcher.hold();
    await time.tickAsync(1_500);
    await callOff();
    way.switchTo('b');
    way.dispatcher.release();

    expect(way.b.written).to.deep.equal(['blpop q 0.5', 'blpop r 2']);
  });

  it('are called off once, however often that is asked for', async () => {
    way.send('blpop q 0');
    unblock = () => 0;
    const first = way.dispatcher.blocked.callOff(way.a);
    const second = way.dispatcher.blocked.callOff(way.a);
    await time.tickAsync(5);
    way.a.answer(null);
    await Promise.all([time.tickAsync(100), first, second]);
    asked.length = 0;
    const command = way.send('blpop q 0');
    await time.tickAsync(1_000);

    expect(asked).to.deep.equal([]);
    expect(await outcomeOf(command)).to.equal('pending');
  });

  it('are not asked for when the connection is gone', async () => {
    way.send('blpop q 0');
    unblock = () => 0;
    const calledOff = way.dispatcher.blocked.callOff(way.a);
    await time.tickAsync(0);
    way.a.isReady = false;
    await time.tickAsync(100);
    await calledOff;

    expect(asked.length).to.equal(1);
  });

  for (const line of ['get k', 'xread streams x 3', 'xread block 0 streams x $', 'wait 1 0']) {
    it(`do not move when it could change what they do (${line})`, async () => {
      way.send(line);
      await way.dispatcher.blocked.callOff(way.a);

      expect(way.a.written).to.deep.equal([line]);
      expect(asked).to.deep.equal([]);
    });
  }

  it('do not move with a connection that does not tell its id', async () => {
    way.dispatcher.blocked.identify(way.a);
    way.a.refuse('NOPERM no');
    way.send('blpop q 0');
    await way.dispatcher.blocked.callOff(way.a);

    expect(asked).to.deep.equal([]);
  });
});
