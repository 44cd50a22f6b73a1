import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('Commands that are bound to a connection', () => {
  fakeTimeForEachTest();
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
