import { once } from 'node:events';
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { GeoFailoverEvents } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';

const SECRET = 'S3CR3T';

function shown(value: unknown): string {
  return inspect(value, { depth: null, showHidden: true }) + JSON.stringify(value);
}

describe('The password of an endpoint', () => {
  const pair = geoPairForEachTest({ server: { password: 'another one' } });

  it('is in no error, event or status when the server refuses it', async () => {
    const endpoints = pair.endpointOptions().map(({ id, weight, redis }) => {
      const options = { ...(redis as object), password: SECRET };
      return { id, weight: weight ?? 1, redis: options };
    });
    const client = pair.createClient({ ...SHORT_TIMES, endpoints, retry: { deadlineMs: 400 } });
    const events: GeoFailoverEvents['healthStatusChanged'][] = [];
    client.geo.on('healthStatusChanged', (event) => events.push(event));
    const changed = nextEvent(client, 'healthStatusChanged');
    const error: unknown = await client.get('k').catch((reason: unknown) => reason);
    await changed;

    expect(error).to.have.property('code', 'GEO_NO_HEALTHY_ENDPOINT');
    expect(error).to.have.nested.property('cause.message').that.contains('WRONGPASS');
    for (const seen of [error, events, client.geo.endpoints()]) expect(shown(seen)).to.not.contain(SECRET);
  });

  it('is told to be wrong, and not shown, when a duplicate has one of its own', async () => {
    const redis = { password: 'another one' };
    const client = pair.createClient({ ...SHORT_TIMES, redis });
    await client.ping();
    const duplicate = client.duplicate({ password: SECRET });
    const [error] = (await once(duplicate, 'error')) as [Error];
    duplicate.disconnect();

    expect(error.message).to.contain('WRONGPASS');
    expect(shown(error)).to.not.contain(SECRET);
  });
});
