import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type GeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';

const codeOf = (error: unknown): unknown => isGeoFailoverError(error) && error.code;

describe('WATCH, and MULTI without a pipeline', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect({ ...SHORT_TIMES, failback: { enabled: false } });
  });

  async function failOver(): Promise<void> {
    const switched = nextEvent(client, 'endpointSwitched');
    await pair.east.proxy.refuse();
    await switched;
  }

  const valueOn = (endpoint: typeof pair.east): Promise<unknown> => endpoint.server.cli('GET', 'k');

  it('work as with ioredis', async () => {
    const bare = new Redis(pair.west.server.port);
    const script = async (redis: Redis): Promise<unknown[]> => [
      await redis.watch('k'),
      await redis.multi().set('k', 1).get('k').exec(),
      await redis.watch('k', 'l'),
      await redis.unwatch(),
      await redis.multi({ pipeline: false }),
      await redis.set('k', 2),
      await redis.get('k'),
      await redis.exec(),
      await redis.multi({ pipeline: false }),
      await redis.discard(),
      await redis.get('k'),
      await redis.exec().catch(String),
      await redis.watch('k'),
      await Promise.all([redis.multi().incr('k').exec(), redis.get('k')]),
      await redis.pipeline().set('k', 5).watch('k').get('k').exec(),
      await Promise.all(['k', 'l'].map((key) => redis.echo(key))),
      await redis.watch().catch(String),
      await redis.multi({ pipeline: false }),
      await redis.select(3),
      await redis.client('SETNAME', 'discarded'),
      await redis.discard(),
      await redis.get('k'),
      await redis.multi().select(1).client('SETNAME', 'other').select(0).exec(),
      await redis.client('GETNAME'),
    ];
    try {
      expect(await script(client)).to.deep.equal(await script(bare));
    } finally {
      bare.disconnect();
    }
  });

  it('change of the connection what was executed, and nothing else', async () => {
    await client.multi({ pipeline: false });
    await Promise.all([client.select(3), client.client('SETNAME', 'discarded'), client.discard()]);
    await client.multi({ pipeline: false });
    await Promise.all([client.client('SETNAME', 'executed'), client.select(2), client.exec()]);
    await client.multi().select(99).exec();
    await client.geo.switchTo('west');

    expect(await client.client('INFO')).to.match(/ name=executed .* db=2 /);
  });

  it('execute nothing when a member is refused by the client', async () => {
    const outcomes: unknown[] = [
      await client.multi().set('k', 'mine').call('monitor').get('k').exec().catch(String),
      await client.multi().set('k', 'mine').quit().get('k').exec().catch(String),
      await client.multi({ pipeline: false }),
      await client.set('k', 'mine'),
      await client.call('client', 'reply', 'off').catch(codeOf),
      await client.exec().catch(String),
      await client.get('k'),
    ];

    const aborted = 'ReplyError: EXECABORT Transaction discarded because of previous errors.';
    expect(outcomes).to.deep.equal([aborted, aborted, 'OK', 'QUEUED', 'GEO_UNSUPPORTED_COMMAND', aborted, null]);
  });

  it('see the change of another client', async () => {
    await client.watch('k');
    await pair.east.server.cli('SET', 'k', 'other');

    expect(await client.multi().set('k', 'mine').exec()).to.equal(null);
    expect(await client.get('k')).to.equal('other');
  });

  it('fail as a conflict after a failover, and may be tried again', async () => {
    await client.watch('k');
    await failOver();

    expect(await client.multi().set('k', 'mine').exec()).to.equal(null);
    await client.watch('k');
    expect(await client.multi().set('k', 'mine').exec()).to.deep.equal([[null, 'OK']]);
    expect([await valueOn(pair.east), await valueOn(pair.west)]).to.deep.equal([null, 'mine']);
  });

  it('fail as a conflict after a planned switch', async () => {
    await client.watch('k');
    await client.geo.switchTo('west');
    await client.geo.switchTo('east');

    expect(await client.multi().set('k', 'mine').exec()).to.equal(null);
    expect(await client.get('k')).to.equal(null);
  });

  it('leave nothing behind on a connection that is used again', async () => {
    await client.multi({ pipeline: false });
    await client.geo.switchTo('west');
    await client.geo.switchTo('east');

    expect(await client.set('k', 'mine').catch(codeOf)).to.equal('GEO_NOT_MOVABLE');
    await client.exec().catch(() => undefined);
    expect(await client.set('k', 'mine')).to.equal('OK');

    await client.watch('k');
    await client.geo.switchTo('west');
    await client.unwatch();
    await client.geo.switchTo('east');
    await pair.east.server.cli('SET', 'k', 'other');
    expect(await client.multi().set('k', 'mine').exec()).to.deep.equal([[null, 'OK']]);
  });

  it('execute nothing elsewhere of a transaction that was begun without a pipeline', async () => {
    await client.multi({ pipeline: false });
    await client.set('k', 'mine');
    await failOver();
    const codes = await Promise.all([client.set('k', 'also mine'), client.exec()].map((call) => call.catch(codeOf)));

    expect(codes).to.deep.equal(['GEO_NOT_MOVABLE', 'GEO_NOT_MOVABLE']);
    expect(await client.get('k')).to.equal(null);
  });
});
