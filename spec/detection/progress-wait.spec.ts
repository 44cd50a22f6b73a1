import { expect } from 'chai';
import { awaitProgress } from '../../lib/detection/progress-wait.ts';
import { FakeClock } from '../support/fake-clock.ts';

const GET = { name: 'get' };

describe('Waiting for what becomes of a silent connection', () => {
  let clock: FakeClock;
  let connection: { isReady: boolean; epoch: number; bytesRead: number; head: object | undefined };
  let isLost: boolean;
  let ends: boolean[];

  beforeEach(() => {
    clock = new FakeClock();
    connection = { isReady: true, epoch: 1, bytesRead: 10, head: GET };
    isLost = false;
    ends = [];
  });

  function start(): { cancel(): void } {
    return awaitProgress({ clock, connection, isLost: () => isLost, onEnd: (lost) => ends.push(lost) });
  }

  it('goes on while it is silent and not lost', () => {
    start();
    clock.advance(10_000);

    expect(ends).to.deep.equal([]);
  });

  it('ends when it counts as lost', () => {
    start();
    clock.advance(1_000);
    isLost = true;
    clock.advance(1_000);

    expect(ends).to.deep.equal([true]);
  });

  const otherwise: readonly (readonly [name: string, change: () => void])[] = [
    ['a byte comes', () => connection.bytesRead++],
    ['the oldest command is another one', () => (connection.head = { ...GET })],
    ['nothing waits any more', () => (connection.head = undefined)],
    ['the connection ends', () => (connection.isReady = false)],
    ['the connection is another one', () => connection.epoch++],
  ];
  for (const [name, change] of otherwise) {
    it(`ends when ${name}`, () => {
      start();
      clock.advance(1_000);
      change();
      isLost = true;
      clock.advance(1_000);

      expect(ends).to.deep.equal([false]);
    });
  }

  it('ends at once when everything was answered before it began', () => {
    connection.head = undefined;
    start();
    clock.advance(1_000);

    expect(ends).to.deep.equal([false]);
  });

  it('ends when it is called off, and says nothing', () => {
    start().cancel();
    isLost = true;
    clock.advance(1_000);

    expect([ends, clock.timers]).to.deep.equal([[], []]);
  });
});
