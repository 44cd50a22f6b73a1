import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { ChildClient } from '../support/child-client.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

/** Enough for Node and its loaders, and soon used up. */
const DESCRIPTORS = 200;

describe('A process without free file descriptors', () => {
  const pair = geoPairForEachTest();
  let child: ChildClient;

  beforeEach(() => {
    child = new ChildClient({ ...SHORT_TIMES, endpoints: pair.endpointOptions() }, DESCRIPTORS);
  });

  afterEach(() => child.kill());

  async function evaluatesTo(expression: string, expected: unknown): Promise<void> {
    // The test's own limit bounds it.
    while ((await child.eval(expression)) !== expected) await delay(10);
  }

  const areAllReady = 'client.geo.endpoints().every(({ health, isReady }) => isReady && health === "healthy")';

  it('goes on over the connections that it has, waits when there is none, and recovers', async () => {
    await child.eval('create()');
    await evaluatesTo(areAllReady, true);
    expect(await child.eval('descriptors.exhaust()')).to.equal('EMFILE');

    // Nothing can be verified, and the standby is connected.
    await pair.east.proxy.reset();
    expect(await child.eval('client.set("k", "v")')).to.equal('OK');
    expect(await pair.west.server.cli('GET', 'k')).to.equal('v');
    await evaluatesTo('client.geo.endpoints()[0].lastError.code', 'EMFILE');

    const areDown = child.eval('nextEvent("allEndpointsUnhealthy")');
    await pair.west.proxy.reset();
    expect(await areDown).to.include({ activeEndpoint: 'west' });
    const waiting = Promise.all(Array.from({ length: 10 }, () => child.eval('client.incr("n")')));
    expect(await pair.west.server.cli('EXISTS', 'n')).to.equal(0);

    await child.eval('descriptors.free()');
    const replies = (await waiting) as number[];
    expect(replies).to.deep.equal(replies.map((_, index) => index + 1));
    await evaluatesTo(areAllReady, true);
    await evaluatesTo('client.geo.activeEndpoint', 'east');
    expect(await child.eval('client.quit()')).to.equal('OK');
    expect(await child.end()).to.equal(0);
  });

  it('may start a client, whose commands wait until there are some', async () => {
    expect(await child.eval('descriptors.exhaust()')).to.equal('EMFILE');
    await child.eval('create()');
    const waiting = child.eval('client.set("k", "v")');
    await evaluatesTo('client.geo.endpoints().map(({ lastError }) => lastError?.code).join()', 'EMFILE,EMFILE');

    await child.eval('descriptors.free()');
    expect(await waiting).to.equal('OK');
    await child.eval('client.disconnect()');
    expect(await child.end()).to.equal(0);
  });
});
