import { expect } from 'chai';
import { OwnHealth } from '../../lib/detection/own-health.ts';

describe('How well this process runs', () => {
  let stalls: number[];
  let health: OwnHealth;

  beforeEach(() => {
    stalls = [];
    health = new OwnHealth(
      () => 350,
      (stalledMs) => stalls.push(stalledMs),
    );
  });

  const ticks = (count: number, elapsedMs: number): void => {
    for (let tick = 0; tick < count; tick++) health.tick(elapsedMs);
  };

  it('is 1 while ticks come on time, or a little late', () => {
    expect(health.score).to.equal(1);
    ticks(1_000, 20);
    ticks(1_000, 40);
    expect(health.score).to.equal(1);
  });

  it('is less the more of the time the event loop is blocked', () => {
    ticks(300, 90);
    const blocked = health.score;
    ticks(300, 400);

    expect(blocked).to.be.closeTo(40 / 90, 0.01);
    expect(health.score).to.be.closeTo(40 / 400, 0.01);
  });

  it('goes up again', () => {
    ticks(300, 90);
    ticks(250, 20);
    expect(health.score).to.be.within(0.7, 0.9);
    ticks(1_500, 20);
    expect(health.score).to.be.closeTo(1, 0.01);
  });

  it('never leaves its range, however long the process was stopped', () => {
    for (const elapsedMs of [0, 1, 600_000, Number.MAX_SAFE_INTEGER]) {
      health.tick(elapsedMs);
      expect(health.score).to.be.within(0, 1);
    }
  });

  it('tells of a stall that is as long as a silence for which an endpoint is suspected', () => {
    health.tick(369);
    expect(stalls).to.deep.equal([]);
    health.tick(370);
    health.tick(60_020);

    expect(stalls).to.deep.equal([350, 60_000]);
  });
});
