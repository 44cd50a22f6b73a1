import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf, parse, stream } from './commands.ts';

describe('Commands that are bound to a connection', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  /** What is bound leaves in the same turn, but not at once. */
  async function send(line: string): Promise<IoredisCommand> {
    const command = way.send(line);
    await Promise.resolve();
    return command;
  }

  async function sendTransaction(...lines: readonly string[]): Promise<IoredisCommand[]> {
    const commands = way.sendTransaction(...lines);
    await Promise.resolve();
    return commands;
  }

  const outcomesOf = (commands: readonly IoredisCommand[]): Promise<unknown[]> => Promise.all(commands.map(outcomeOf));

  async function expectGeoError(command: IoredisCommand, code: string, outcome: string): Promise<void> {
    const error = await outcomeOf(command);
    expect(error).to.include({ code, outcome });
    expect(isGeoFailoverError(error) && error.message).to.equal('Connection is closed.');
  }

  describe('by WATCH', () => {
    it('are sent in order and in one write', async () => {
      way.send('watch k');
      way.send('get k');
      const commands = await sendTransaction('set k 1');

      expect(way.a.written).to.deep.equal(['watch k', 'get k', 'multi', 'set k 1', 'exec']);
      expect(way.a.batches).to.equal(1);
      for (const reply of ['OK', '0', 'OK', 'QUEUED', ['OK']]) way.a.answer(reply);
      expect(await outcomeOf(commands.at(-1)!)).to.deep.equal(['OK']);
    });

    it('are not any more behind EXEC, DISCARD or UNWATCH', async () => {
      await send('watch k');
      await send('unwatch');
      way.send('get k');
      expect(way.a.written.at(-1)).to.equal('get k');

      await send('watch k');
      await sendTransaction('set k 1');
      way.send('get k');
      expect(way.a.written.slice(-2)).to.deep.equal(['exec', 'get k']);
    });

    it('make a transaction fail as a conflict when another endpoint is active', async () => {
      await send('watch k');
      way.a.answer();
      way.switchTo('b');
      const commands = await sendTransaction('set k 1');

      expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', null]);
      expect(way.b.written).to.deep.equal([]);
    });

    it('make it fail also when the same endpoint was connected anew', async () => {
      await send('watch k');
      way.a.answer();
      way.a.lose();
      way.a.reconnect();
      const commands = await sendTransaction('set k 1');

      expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', null]);
      expect(way.a.written).to.deep.equal(['watch k']);
    });

    it('may begin anew after a conflict', async () => {
      await send('watch k');
      way.a.answer();
      way.switchTo('b');
      await sendTransaction('set k 1');
      await send('watch k');
      const commands = await sendTransaction('set k 2');
      for (const reply of ['OK', 'OK', 'QUEUED', ['OK']]) way.b.answer(reply);

      expect(way.b.written).to.deep.equal(['watch k', 'multi', 'set k 2', 'exec']);
      expect(await outcomeOf(commands.at(-1)!)).to.deep.equal(['OK']);
    });

    it('fail when one of several WATCHes went elsewhere', async () => {
      await send('watch k');
      way.a.answer();
      way.switchTo('b');
      await send('watch l');
      way.b.answer();

      expect(await outcomesOf(await sendTransaction('set k 1'))).to.deep.equal(['OK', 'QUEUED', null]);
    });

    it('leave no WATCH behind when they fail', async () => {
      await send('watch k');
      way.a.answer();
      way.a.lose();
      way.a.reconnect();
      await send('watch l');
      await sendTransaction('set k 1');
      way.send('get k');

      expect(way.a.written).to.deep.equal(['watch k', 'watch l', 'unwatch', 'get k']);
    });

    it('move with a WATCH that was not answered', async () => {
      way.send('watch k');
      const commands = way.sendTransaction('set k 1');
      way.stopServing();
      way.view.notServing.clear();
      way.switchTo('b');
      for (const reply of ['OK', 'OK', 'QUEUED', ['OK']]) way.b.answer(reply);

      expect(way.a.written).to.deep.equal([]);
      expect(await outcomeOf(commands.at(-1)!)).to.deep.equal(['OK']);
    });

    it('are sent behind what their pipeline sent before, which is written all the same', async () => {
      const pipeline = stream();
      for (const line of ['get k', 'watch k', 'get l']) way.dispatcher.send(parse(line), pipeline);
      expect([way.a.written, way.a.skipped]).to.deep.equal([['get k'], 2]);
      await Promise.resolve();

      expect(way.a.written).to.deep.equal(['get k', 'watch k', 'get l']);
    });

    it('are not bound when no WATCH succeeds', async () => {
      await send('watch k');
      way.a.refuse('NOPERM no');
      way.send('get k');

      expect(way.a.written).to.deep.equal(['watch k', 'unwatch', 'get k']);
    });

    it('stay bound when an earlier WATCH has succeeded', async () => {
      await send('watch k');
      await send('watch l');
      way.a.answer();
      way.a.refuse('NOPERM no');
      way.a.lose();
      way.a.reconnect();

      expect(await outcomesOf(await sendTransaction('set k 1'))).to.deep.equal(['OK', 'QUEUED', null]);
    });

    it('leave no WATCH behind when their transaction waited too long', async () => {
      await send('watch k');
      way.a.answer();
      way.dispatcher.hold();
      const commands = way.sendTransaction('set k 1');
      await time.tickAsync(10_011);
      way.dispatcher.release();
      way.send('get k');

      expect(await outcomeOf(commands.at(-1)!)).to.include({ code: 'GEO_DEADLINE_EXCEEDED' });
      expect(way.a.written).to.deep.equal(['watch k', 'unwatch', 'get k']);
    });

    it('may have been executed when they were sent and not answered', async () => {
      await send('watch k');
      way.a.answer();
      const commands = await sendTransaction('set k 1');
      way.a.lose();
      way.switchTo('b');

      await expectGeoError(commands.at(-1)!, 'GEO_AMBIGUOUS', 'maybe-executed');
      expect(way.b.written).to.deep.equal([]);
    });

    it('are a conflict when nothing of them writes', async () => {
      await send('watch k');
      way.a.answer();
      const commands = await sendTransaction('get k');
      way.a.lose();
      way.switchTo('b');

      expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', null]);
      expect(way.b.written).to.deep.equal([]);
    });

    it('are not repeated when the server refuses them', async () => {
      await send('watch k');
      way.a.answer();
      const commands = await sendTransaction('set k 1');
      way.a.answer();
      way.a.refuse('READONLY no');
      way.a.refuse('EXECABORT Transaction discarded because of previous errors.');
      way.switchTo('b');

      expect(String(await outcomeOf(commands.at(-1)!))).to.include('EXECABORT');
      expect(way.view.suspected).to.deep.equal(['a: rejected', 'a: rejected'].slice(0, way.view.suspected.length));
      expect(way.view.suspected).not.to.deep.equal([]);
      expect(way.b.written).to.deep.equal([]);
    });
  });

  describe('by MULTI without a pipeline', () => {
    it('are queued by the server, EXEC included', async () => {
      const commands = [way.send('multi'), way.send('set k 1'), way.send('exec'), way.send('get k')];
      await Promise.resolve();

      expect(way.a.written).to.deep.equal(['multi', 'set k 1', 'exec', 'get k']);
      for (const reply of ['OK', 'QUEUED', ['OK'], '1']) way.a.answer(reply);
      expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', ['OK'], '1']);
    });

    it('were not executed when the connection is lost before EXEC', async () => {
      await send('multi');
      way.a.answer();
      const inFlight = await send('set k 1');
      way.a.lose();
      way.switchTo('b');
      const after = await send('set k 2');
      const exec = await send('exec');
      await send('get k');

      for (const command of [inFlight, after, exec]) await expectGeoError(command, 'GEO_NOT_MOVABLE', 'not-executed');
      expect(way.b.written).to.deep.equal(['get k']);
    });

    it('may have been executed when EXEC was sent', async () => {
      const commands = [await send('multi'), await send('set k 1'), await send('exec')];
      way.a.answer('OK');
      way.a.answer('QUEUED');
      way.a.lose();
      way.switchTo('b');

      await expectGeoError(commands[2]!, 'GEO_AMBIGUOUS', 'maybe-executed');
      expect(way.b.written).to.deep.equal([]);
    });

    it('move as long as nothing was sent', async () => {
      way.stopServing();
      const commands = [way.send('multi'), way.send('set k 1'), way.send('exec')];
      way.view.notServing.clear();
      way.switchTo('b');
      for (const reply of ['OK', 'QUEUED', ['OK']]) way.b.answer(reply);

      expect(way.b.written).to.deep.equal(['multi', 'set k 1', 'exec']);
      expect(await outcomeOf(commands[2]!)).to.deep.equal(['OK']);
    });

    it('move also when the stream took nothing of them', async () => {
      way.a.isBroken = true;
      const commands = [await send('multi'), await send('set k 1'), await send('exec')];
      way.switchTo('b');
      for (const reply of ['OK', 'QUEUED', ['OK']]) way.b.answer(reply);

      expect(way.b.written).to.deep.equal(['multi', 'set k 1', 'exec']);
      expect(await outcomeOf(commands[2]!)).to.deep.equal(['OK']);
    });

    it('are not sent behind a MULTI that was refused', async () => {
      const multi = await send('multi');
      way.a.refuse('LOADING no');
      const set = await send('set k 1');

      expect(String(await outcomeOf(multi))).to.include('LOADING');
      await expectGeoError(set, 'GEO_NOT_MOVABLE', 'not-executed');
    });

    it('are discarded when MULTI takes too long', async () => {
      way = new CommandWay({ commandTimeoutMs: 100 });
      await send('multi');
      await time.tickAsync(100);
      const set = await send('set k 1');
      way.send('exec');
      await Promise.resolve();
      way.send('get k');

      await expectGeoError(set, 'GEO_NOT_MOVABLE', 'not-executed');
      expect(way.a.written).to.deep.equal(['multi', 'discard', 'get k']);
    });

    for (const [what, commandTimeoutMs, maxWaitingCommands, ms, code] of [
      ['took too long', 100, 10, 101, undefined],
      ['waited too long', undefined, 10, 10_011, 'GEO_DEADLINE_EXCEEDED'],
      ['found no room', undefined, 0, 0, 'GEO_LINE_OVERFLOW'],
    ] as const) {
      it(`are not executed without a member that ${what}`, async () => {
        const failover = { ...DEFAULTS.failover, maxWaitingCommands };
        way = new CommandWay({ options: { ...DEFAULTS, failover }, commandTimeoutMs });
        await send('multi');
        way.a.answer();
        way.dispatcher.hold();
        const set = await send('set k 1');
        await time.tickAsync(ms);
        way.dispatcher.release();
        const exec = await send('exec');

        if (code === undefined) expect(String(await outcomeOf(set))).to.include('Command timed out');
        else await expectGeoError(set, code, 'not-executed');
        await expectGeoError(exec, 'GEO_NOT_MOVABLE', 'not-executed');
        expect(way.a.written).to.deep.equal(['multi', 'discard']);
      });
    }

    it('were not executed when the client is closed before EXEC', async () => {
      await send('multi');
      way.a.answer();
      const set = await send('set k 1');
      way.dispatcher.close();
      way.a.lose();

      await expectGeoError(set, 'GEO_CLIENT_CLOSED', 'not-executed');
    });

    describe('when it is lost and nobody ends it', () => {
      beforeEach(async () => {
        await send('multi');
        way.a.answer();
        way.a.lose();
        way.switchTo('b');
      });

      it('begin anew with MULTI', async () => {
        const commands = [await send('multi'), await send('set k 1'), await send('exec')];
        for (const reply of ['OK', 'QUEUED', ['OK']]) way.b.answer(reply);

        expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', ['OK']]);
      });

      it('begin anew with WATCH and with a pipeline', async () => {
        await send('watch k');
        await sendTransaction('set k 1');

        expect(way.b.written).to.deep.equal(['watch k', 'multi', 'set k 1', 'exec']);
      });

      it('are not bound any more a second after that was told', async () => {
        await expectGeoError(await send('set k 1'), 'GEO_NOT_MOVABLE', 'not-executed');
        await time.tickAsync(999);
        await expectGeoError(await send('set k 2'), 'GEO_NOT_MOVABLE', 'not-executed');
        await time.tickAsync(1);
        await send('set k 3');

        expect(way.b.written).to.deep.equal(['set k 3']);
      });

      it('are bound for as long as that was not told', async () => {
        await time.tickAsync(60_000);

        await expectGeoError(await send('exec'), 'GEO_NOT_MOVABLE', 'not-executed');
        expect(way.b.written).to.deep.equal([]);
      });
    });

    it('end with DISCARD', async () => {
      await send('multi');
      await send('discard');
      way.send('get k');

      expect(way.a.written).to.deep.equal(['multi', 'discard', 'get k']);
    });

    it('are a conflict when the key was watched over another connection', async () => {
      await send('watch k');
      way.a.answer();
      way.switchTo('b');
      const commands = [await send('multi'), await send('set k 1'), await send('exec')];

      expect(await outcomesOf(commands)).to.deep.equal(['OK', 'QUEUED', null]);
      expect(way.b.written).to.deep.equal([]);
    });

    it('are a conflict when what was watched is lost in between', async () => {
      await send('watch k');
      await send('multi');
      way.a.answer();
      way.a.answer();
      const set = await send('set k 1');
      way.a.lose();
      way.switchTo('b');
      const exec = await send('exec');

      expect(await outcomesOf([set, exec])).to.deep.equal(['QUEUED', null]);
      expect(way.b.written).to.deep.equal([]);
    });
  });
});
