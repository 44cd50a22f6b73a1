import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { geoFailoverOptionsFromEnv } from '../../lib/index.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { VARIABLE_NAMES } from '../../lib/options/variables.ts';
import { problemsOf } from './problems-of.ts';

const ENDPOINTS = 'eu=rediss://app:s3cret@eu:6380, us=redis://us';

describe('geoFailoverOptionsFromEnv', () => {
  const folder = mkdtempSync(join(tmpdir(), 'geo-failover-options-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Without what only this package looks at. */
  const shown = (options: object): object => Object.fromEntries(Object.entries(options));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  it('reads endpoints in the order of preference', () => {
    const { endpoints } = geoFailoverOptionsFromEnv({}, { GEO_FAILOVER_ENDPOINTS: ENDPOINTS });

    expect(endpoints).to.deep.equal([
      { id: 'eu', redis: 'rediss://app:s3cret@eu:6380', weight: 1 },
      { id: 'us', redis: 'redis://us', weight: 0.5 },
    ]);
  });

  it('reads weights', () => {
    const env = { GEO_FAILOVER_ENDPOINTS: ENDPOINTS, GEO_FAILOVER_WEIGHTS: 'us=3' };

    expect(geoFailoverOptionsFromEnv({}, env).endpoints.map(({ weight }) => weight)).to.deep.equal([1, 3]);
  });

  it('reads every option that can be text', () => {
    const options = geoFailoverOptionsFromEnv(
      {},
      {
        GEO_FAILOVER_ENDPOINTS: ENDPOINTS,
        GEO_FAILOVER_PRESET: 'fast',
        GEO_FAILOVER_TOPOLOGY: 'independent',
        GEO_FAILOVER_REDIS_PASSWORD: '12345',
        GEO_FAILOVER_REDIS_DB: '2',
        GEO_FAILOVER_HEALTH_CHECK_INTERVAL_MS: '2_000',
        GEO_FAILOVER_CIRCUIT_BREAKER_FAILURE_RATE: '0.25',
        GEO_FAILOVER_RETRY_OTHER_ENDPOINT: 'none',
        GEO_FAILOVER_RETRY_BACKOFF_INITIAL_MS: '20',
        GEO_FAILOVER_FAILOVER_DRAIN_MS: '0',
        GEO_FAILOVER_FAILBACK_ENABLED: 'false',
        GEO_FAILOVER_INITIALIZATION_TIMEOUT_MS: '5',
        OTHER: 'not read',
      },
    );

    expect(shown({ ...options, endpoints: undefined })).to.deep.equal({
      endpoints: undefined,
      preset: 'fast',
      topology: 'independent',
      redis: { password: '12345', db: 2 },
      healthCheck: { intervalMs: 2_000 },
      circuitBreaker: { failureRate: 0.25 },
      retry: { otherEndpoint: 'none', backoff: { initialMs: 20 } },
      failover: { drainMs: 0 },
      failback: { enabled: false },
      initialization: { timeoutMs: 5 },
    });
    expect(VARIABLE_NAMES).to.have.length.above(30);
  });

  it('has no variable for an option that is no text: a function, or what has further options', () => {
    for (const name of VARIABLE_NAMES.filter((each) => !/FILE|ENVIRONMENT|ENDPOINTS|WEIGHTS/.test(each))) {
      let message = '';
      try {
        resolveOptions(geoFailoverOptionsFromEnv({}, { GEO_FAILOVER_ENDPOINTS: ENDPOINTS, [name]: 'x' }));
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message, name).not.to.match(/must be a (?:function|backoff)|must be an object|must be a non-empty array/);
    }
  });

  for (const [name, text] of [
    ['options.yaml', 'endpoints:\n  - { id: eu, redis: "redis://eu" }\nfailback: { gracePeriodMs: 5 }\n'],
    ['options.json', '{"endpoints":[{"id":"eu","redis":"redis://eu"}],"failback":{"gracePeriodMs":5}}'],
  ] as const) {
    it(`reads a file: ${name}`, () => {
      const options = geoFailoverOptionsFromEnv({}, { GEO_FAILOVER_FILE: file(name, text) });

      expect(shown(options)).to.deep.equal({
        endpoints: [{ id: 'eu', redis: 'redis://eu' }],
        failback: { gracePeriodMs: 5 },
      });
    });
  }

  it('prefers variables to an environment, that to the file, and the file to the program', () => {
    const onSwitch = (): void => undefined;
    const base = {
      ...{ endpoints: [{ id: 'eu', redis: 'redis://eu' }], onSwitch },
      failover: { drainMs: 1, silenceFloorMs: 101, verifyTimeoutMs: 201, localRecoveryMs: 301 },
    };
    const path = file(
      'layers.yaml',
      'failover: { drainMs: 2, silenceFloorMs: 102, verifyTimeoutMs: 202 }\n' +
        'environments: { live: { failover: { drainMs: 3, silenceFloorMs: 103 } } }\n',
    );
    const env = { GEO_FAILOVER_FILE: path, GEO_FAILOVER_ENVIRONMENT: 'live', GEO_FAILOVER_FAILOVER_DRAIN_MS: '4' };
    const options = geoFailoverOptionsFromEnv(base, { ...env, NODE_ENV: 'other' });

    expect(shown(options)).to.deep.equal({
      ...base,
      failover: { drainMs: 4, silenceFloorMs: 103, verifyTimeoutMs: 202, localRecoveryMs: 301 },
    });
    expect(resolveOptions(options).onSwitch).to.equal(onSwitch);
  });

  it('takes the environment of the process when none is named', () => {
    const base = {
      endpoints: [{ id: 'eu', redis: 'redis://eu' }],
      environments: { live: { preset: 'fast' as const } },
    };

    expect(geoFailoverOptionsFromEnv(base, { NODE_ENV: 'live' }).preset).to.equal('fast');
  });

  const broken = file('broken.yaml', 'endpoints: [ "redis://u:s3cret@h" \n  - {');
  for (const [given, path, rule, value] of [
    [
      { GEO_FAILOVER_ENDPOINT: 'x' },
      'GEO_FAILOVER_ENDPOINT',
      'is not a variable; did you mean "GEO_FAILOVER_ENDPOINTS"?',
      'string',
    ],
    [{ GEO_FAILOVER_LOGGER: 'x' }, 'GEO_FAILOVER_LOGGER', 'is not a variable of this package', 'string'],
    [
      { GEO_FAILOVER_FAILOVER_DRAIN_MS: 'soon' },
      'GEO_FAILOVER_FAILOVER_DRAIN_MS',
      'must be a finite number >= 0',
      '"soon" (string)',
    ],
    [{ GEO_FAILOVER_FAILBACK_ENABLED: '1' }, 'GEO_FAILOVER_FAILBACK_ENABLED', 'must be true or false', '1 (number)'],
    [
      { GEO_FAILOVER_WEIGHTS: 'asia=1' },
      'GEO_FAILOVER_WEIGHTS',
      'must name endpoints of GEO_FAILOVER_ENDPOINTS',
      '"asia"',
    ],
    [
      { GEO_FAILOVER_WEIGHTS: 'eu=heavy' },
      'GEO_FAILOVER_ENDPOINTS: endpoints[0].weight',
      'must be a finite number > 0',
      'NaN',
    ],
    [
      { GEO_FAILOVER_FILE: '/nowhere' },
      'GEO_FAILOVER_FILE',
      'must be the path of a JSON or YAML file',
      '"/nowhere" (ENOENT)',
    ],
    [
      { GEO_FAILOVER_FILE: file('list.yaml', '- redis://h') },
      'GEO_FAILOVER_FILE',
      'must be the path of a file with an object of options',
      'array',
    ],
    [{ GEO_FAILOVER_ENVIRONMENT: 'x' }, 'environment', 'must be one of `environments`, of which there are none', '"x"'],
  ] as const) {
    it(`refuses ${Object.entries(given).join(' ')} and says why`, () => {
      const env = { GEO_FAILOVER_ENDPOINTS: ENDPOINTS, ...given };

      expect(problemsOf(() => geoFailoverOptionsFromEnv({}, env))).to.deep.equal([{ path, rule, value }]);
    });
  }

  it('asks for endpoints, and does not take a URL for a name', () => {
    expect(problemsOf(() => geoFailoverOptionsFromEnv({}, {})).map(({ path }) => path)).to.deep.equal(['endpoints']);
    const [problem] = problemsOf(() => geoFailoverOptionsFromEnv({}, { GEO_FAILOVER_ENDPOINTS: 'redis://u:s3cret@h' }));

    expect(problem?.path).to.equal('GEO_FAILOVER_ENDPOINTS: endpoints[0].id');
  });

  it('shows no secret of a file that it cannot read, or of a variable', () => {
    const env = {
      GEO_FAILOVER_FILE: broken,
      GEO_FAILOVER_ENDPOINTS: 'x=redis//:s3cret@h',
      GEO_FAILOVER_PASSWORD: 's3cret',
    };

    expect(JSON.stringify(problemsOf(() => geoFailoverOptionsFromEnv({}, env)))).not.to.contain('s3cret');
  });
});
