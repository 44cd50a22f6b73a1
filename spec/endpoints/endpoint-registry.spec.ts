import { expect } from 'chai';
import { EndpointRegistry } from '../../lib/endpoints/endpoint-registry.ts';
import { type Endpoint, createEndpoint } from '../../lib/endpoints/endpoint.ts';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { DEFAULTS, DEFAULT_WEIGHT } from '../../lib/options/defaults.ts';
import { FakeClock } from '../support/fake-clock.ts';

function endpoint(id: string): Endpoint {
  const options = { id, weight: DEFAULT_WEIGHT, redis: {}, healthCheck: DEFAULTS.healthCheck };
  return createEndpoint(options, () => DEFAULTS.circuitBreaker, new FakeClock(), {
    onChange: () => undefined,
    onBreakerFailed: (error) => expect.fail(error.message),
  });
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('The registry of endpoints', () => {
  const [a, b, c] = [endpoint('a'), endpoint('b'), endpoint('c')];
  let registry: EndpointRegistry;

  beforeEach(() => {
    registry = new EndpointRegistry([a, b], 'b');
  });

  it('begins with what it was given, in epoch 0', () => {
    expect(registry.all).to.deep.equal([a, b]);
    expect(registry.activeId).to.equal('b');
    expect(registry.epoch).to.equal(0);
  });

  it('finds endpoints by id', () => {
    expect(registry.find('a')).to.equal(a);
    expect(registry.get('b')).to.equal(b);
    expect(registry.find('x')).to.equal(undefined);
  });

  it('names the endpoints that there are when asked for another one', () => {
    const error = errorOf(() => registry.get('x'));

    expect(isGeoFailoverError(error, 'GEO_UNKNOWN_ENDPOINT')).to.equal(true);
    expect(error).to.include({ message: 'There is no endpoint "x"; there are a, b', endpointId: 'x' });
  });

  it('takes the epoch that it is told', () => {
    registry.setActive('a', 7);

    expect([registry.activeId, registry.epoch]).to.deep.equal(['a', 7]);
  });

  it('lists an added endpoint last and a removed one no longer', () => {
    registry.add(c);
    registry.remove('a');

    expect(registry.all).to.deep.equal([b, c]);
    expect(registry.find('a')).to.equal(undefined);
  });

  it('does not mind the removal of what is not there', () => {
    registry.remove('x');

    expect(registry.all).to.deep.equal([a, b]);
  });

  it('gives away copies of its list only', () => {
    registry.all.pop();

    expect(registry.all).to.deep.equal([a, b]);
  });
});

describe('An endpoint', () => {
  it('is neither suspected nor judged at first', () => {
    const made = endpoint('a');

    expect(made).to.include({ id: 'a', isSuspected: false, judgedAt: Number.NEGATIVE_INFINITY, lastError: undefined });
    expect(made.breaker.state).to.equal('closed');
  });
});
