import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const KEYS = 5;
const WRITES_PER_KEY = 1_000;

describe('1000 SETs per key that nobody awaits', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect(SHORT_TIMES);
  });

  let written = 0;

  /** Issues writes, in the middle of them lets happen what is to happen, and goes on until after it has. */
  async function write(inTheMiddle: () => Promise<unknown>): Promise<void> {
    const writes: Promise<unknown>[] = [];
    const middle = { hasHappened: false };
    for (written = 1; written < WRITES_PER_KEY || !middle.hasHappened; written++) {
      if (written === WRITES_PER_KEY / 2) writes.push(inTheMiddle().finally(() => (middle.hasHappened = true)));
      for (let key = 0; key < KEYS; key++) writes.push(client.set(`order:${key}`, written + 1));
      // Some are on the wire when it happens, some follow while it goes on.
      if (written % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(writes);
  }

  async function expectLastToWin(): Promise<void> {
    const keys = Array.from({ length: KEYS }, (_, key) => `order:${key}`);
    expect(written).to.be.at.least(WRITES_PER_KEY);
    expect(await client.mget(keys)).to.deep.equal(keys.map(() => String(written)));
  }

  it('end with the last one when the endpoint is killed', async () => {
    await eventUpon(client, 'endpointSwitched', () => write(() => pair.east.server.kill()));
    await expectLastToWin();
  });

  it('end with the last one when the endpoint freezes', async () => {
    await eventUpon(client, 'endpointSwitched', () => write(() => pair.east.server.freeze()));
    await expectLastToWin();
  });

  it('end with the last one, and without an error, through a planned switch', async () => {
    await write(() => client.geo.switchTo('west'));
    expect(client.geo.activeEndpoint).to.equal('west');
    await expectLastToWin();
  });

  it('end with the last one, and without an error, through a failback', async () => {
    await client.geo.switchTo('west');
    await write(async () => {
      const failedBack = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failback');
      client.geo.release();
      await failedBack;
    });
    expect(client.geo.activeEndpoint).to.equal('east');
    await expectLastToWin();
  });

  it('end with the last one when the connection is reset and the endpoint stays', async () => {
    await write(() => pair.east.proxy.reset());
    expect(client.geo.epoch).to.equal(0);
    await expectLastToWin();
  });

  it('end with the last one when the server becomes a replica', async () => {
    await eventUpon(client, 'endpointSwitched', () => write(() => pair.east.server.cli('REPLICAOF', '127.0.0.1', '1')));
    await expectLastToWin();
  });
});

describe('A pipeline on a server that became a replica', () => {
  const pair = geoPairForEachTest();

  it('answers a read behind the write that moved, and not with what the replica holds', async () => {
    const client = await pair.connect();
    await pair.east.server.cli('REPLICAOF', '127.0.0.1', '1');
    expect(await client.pipeline().set('behind', 1).get('behind').exec()).to.deep.equal([
      [null, 'OK'],
      [null, '1'],
    ]);
  });

  it('moves a transaction as a whole', async () => {
    const client = await pair.connect();
    await pair.east.server.cli('REPLICAOF', '127.0.0.1', '1');
    const results = await client.multi().incr('whole').incr('whole').get('whole').exec();
    expect(results).to.deep.equal([
      [null, 1],
      [null, 2],
      [null, '2'],
    ]);
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('leaves a transaction alone that is refused for the application’s own reason', async () => {
    const client = await pair.connect();
    await pair.east.server.cli('REPLICAOF', '127.0.0.1', '1');
    const error: unknown = await client
      .multi()
      .incr('whole')
      .call('NO-SUCH-COMMAND')
      .exec()
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).to.be.an('error').with.property('message').that.contains('EXECABORT');
  });
});
