import { once } from 'node:events';
import { expect } from 'chai';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, failback: { enabled: false } };
const reasonOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((reason: unknown) => reason);

describe('quit()', () => {
  const pair = geoPairForEachTest();

  it('is the last command that is executed', async () => {
    const client = await pair.connect(options);
    const order: unknown[] = [];
    const before = client.incr('n');
    const quit = client.quit().then((reply) => order.push(reply));
    const behind = [client.incr('n'), client.pipeline().incr('n').exec(), client.multi().incr('n').exec()].map(
      (promise: Promise<unknown>) => reasonOf(promise).then(() => order.push('behind')),
    );
    await Promise.all([quit, ...behind]);

    expect(await before).to.equal(1);
    expect(order).to.deep.equal(['OK', 'behind', 'behind', 'behind']);
    expect(await pair.east.server.cli('GET', 'n')).to.equal('1');
    expect(await reasonOf(client.incr('n'))).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
  });

  it('is not kept from its end by a caller who goes on calling', async () => {
    const client = await pair.connect(options);
    const end = once(client, 'end');
    const calls = (async () => {
      for (;;) await client.incr('n');
    })();
    await client.quit();
    await end;

    expect(await reasonOf(calls)).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
  });

  it('waits for what has to be sent again, because its connection was lost meanwhile', async () => {
    const client = await pair.connect(options);
    await pair.west.server.cli('SET', 'k', 'west');
    await pair.east.proxy.swallowReplies();
    const reply = client.get('k');
    const quit = client.quit();
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.refuse());

    expect(await Promise.all([reply, quit])).to.deep.equal(['west', 'OK']);
  });

  it('ends although commands may wait for ever, and nothing can be reached', async () => {
    const client = await pair.connect({
      ...options,
      redis: { maxRetriesPerRequest: null },
      retry: { deadlineMs: 200 },
    });
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const waiting = reasonOf(client.get('k'));
    const end = once(client, 'end');

    expect(await client.quit()).to.equal('OK');
    await end;
    expect(await waiting).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
  });

  it('is followed by connect(), as with ioredis', async () => {
    const client = await pair.connect(options);
    const end = once(client, 'end');
    const replies = [client.quit(), reasonOf(client.incr('n'))];
    await end;
    await Promise.all(replies);
    await client.connect();

    expect(await client.incr('n')).to.equal(1);
    const switched = nextEvent(client, 'endpointSwitched');
    await pair.east.proxy.refuse();
    await switched;
    expect(await client.ping()).to.equal('PONG');
  });
});
