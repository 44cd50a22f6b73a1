import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('The cursor of a SCAN', () => {
  fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  /** The server answers the command with this cursor. */
  async function read(line: string, cursor: string): Promise<void> {
    const scan = way.send(line);
    (way.view.activeEndpointId === 'a' ? way.a : way.b).answer([Buffer.from(cursor), []]);
    await outcomeOf(scan);
  }

  async function isLost(scan: IoredisCommand): Promise<boolean> {
    return isGeoFailoverError(await outcomeOf(scan), 'GEO_CURSOR_LOST');
  }

  for (const [first, next] of [
    ['scan 0', 'scan 7'],
    ['hscan h 0', 'HSCAN h 7'],
    ['sscan s 0 count 3', 'sscan s 7'],
    ['zscan z 0', 'zscan z 7'],
  ] as const) {
    it(`is good for the endpoint that it came from (${next})`, async () => {
      await read(first, '7');
      way.send(next);

      expect(way.a.written.at(-1)).to.equal(next);
    });

    it(`is lost when another endpoint is active (${next})`, async () => {
      await read(first, '7');
      way.switchTo('b');

      expect(await isLost(way.send(next))).to.equal(true);
      expect(way.b.written).to.deep.equal([]);
    });
  }

  it('is lost for a command that waited while another endpoint became active', async () => {
    await read('scan 0', '7');
    way.stopServing();
    const scan = way.send('scan 7');
    way.view.notServing.clear();
    way.switchTo('b');

    expect(await isLost(scan)).to.equal(true);
  });

  it('is lost for a command that was in flight', async () => {
    await read('scan 0', '7');
    const scan = way.send('scan 7');
    way.a.lose();
    way.switchTo('b');

    expect(await isLost(scan)).to.equal(true);
    expect(way.b.written).to.deep.equal([]);
  });

  it('is not lost when the same endpoint is connected anew', async () => {
    await read('scan 0', '7');
    way.a.lose();
    way.a.reconnect();
    way.send('scan 7');

    expect(way.a.written.at(-1)).to.equal('scan 7');
  });

  it('is lost when the same endpoint is another run of its server', async () => {
    way.a.serverRun = 'first';
    await read('scan 0', '7');
    way.a.lose();
    way.a.serverRun = 'second';
    way.a.reconnect();

    expect(await isLost(way.send('scan 7'))).to.equal(true);
    expect(way.a.written).to.deep.equal(['scan 0']);
  });

  it('is lost for a command that waited while its server was started again', async () => {
    way.a.serverRun = 'first';
    await read('scan 0', '7');
    const scan = way.send('scan 7');
    way.a.lose();
    const second = way.send('scan 7');
    way.a.serverRun = 'second';
    way.a.reconnect();

    expect([await isLost(scan), await isLost(second)]).to.deep.equal([true, true]);
  });

  it('is not lost when the run of the server is not known, or the same', async () => {
    for (const runs of [
      [undefined, 'second'],
      ['first', undefined],
      ['first', 'first'],
    ]) {
      way = new CommandWay();
      way.a.serverRun = runs[0];
      await read('scan 0', '7');
      way.a.lose();
      way.a.serverRun = runs[1];
      way.a.reconnect();
      way.send('scan 7');

      expect(way.a.written.at(-1)).to.equal('scan 7');
    }
  });

  it('is passed on when it is the first, or when nobody knows where it came from', async () => {
    await read('scan 0', '7');
    await read('hscan h 0', '8');
    way.switchTo('b');
    for (const line of ['scan 0', 'scan 9', 'hscan h 7', 'hscan g 8', 'sscan h 8']) way.send(line);

    expect(way.b.written).to.deep.equal(['scan 0', 'scan 9', 'hscan h 7', 'hscan g 8', 'sscan h 8']);
  });

  it('belongs to the endpoint that a command was moved to', async () => {
    const scan = way.send('scan 0');
    way.a.lose();
    way.switchTo('b');
    way.b.answer([Buffer.from('7'), []]);
    await outcomeOf(scan);
    way.send('scan 7');

    expect(way.b.written).to.deep.equal(['scan 0', 'scan 7']);
  });
});
