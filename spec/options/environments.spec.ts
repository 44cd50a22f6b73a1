import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { Preset } from '../../lib/options/policy-options.ts';
import { PRESETS } from '../../lib/options/presets.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, B, problemsOf } from './problems-of.ts';

const options = {
  endpoints: [A],
  redis: { db: 1, username: 'app' },
  failover: { drainMs: 7 },
  retry: { deadlineMs: 5, backoff: { initialMs: 2 }, commands: { 'my.add': 'effect' } },
  environments: {
    test: {
      preset: 'fast',
      redis: { db: 9 },
      failover: { maxWaitingCommands: 3 },
      retry: { backoff: { maxMs: 50 }, commands: { 'my.get': 'read-only' } },
    },
    production: { endpoints: [B], failback: { gracePeriodMs: 120_000 }, topology: 'independent' },
  },
} as const;

describe('The options of an environment', () => {
  it('are laid over those of all, option by option', () => {
    const { endpoints, failover, retry, redis } = resolveOptions(options, 'test');

    expect(failover).to.include({ drainMs: 7, maxWaitingCommands: 3 });
    expect(retry).to.deep.include({ deadlineMs: 5, backoff: { initialMs: 2, maxMs: 50 } });
    expect(retry.commands).to.deep.equal({ 'my.add': 'effect', 'my.get': 'read-only' });
    expect(redis).to.deep.equal({ db: 9, username: 'app' });
    expect(endpoints[0]).to.deep.include({ id: 'a', redis: { host: 'a', db: 9, username: 'app' } });
  });

  it('replace what is no group of options', () => {
    const { endpoints, topology, failback } = resolveOptions(options, 'production');

    expect(endpoints.map(({ id }) => id)).to.deep.equal(['b']);
    expect(topology).to.equal('independent');
    expect(failback).to.deep.equal({
      ...{ ...DEFAULTS.failback, allowEmptyEndpoint: true },
      ...{ gracePeriodMs: 120_000, maxGracePeriodMs: 3_600_000 },
    });
  });

  it('are those of the name that is given, whatever the environment of the process', () => {
    expect(resolveOptions({ ...options, environment: 'production' }, 'test').endpoints[0]?.id).to.equal('b');
  });

  for (const nodeEnv of [undefined, 'staging', 'constructor', 'toString']) {
    it(`are none when the environment of the process is ${nodeEnv}`, () => {
      expect(resolveOptions(options, nodeEnv)).to.deep.equal(resolveOptions({ ...options, environments: undefined }));
    });
  }

  it('leave what was given as it was', () => {
    const before = JSON.stringify(options);
    resolveOptions(options, 'test');

    expect(JSON.stringify(options)).to.equal(before);
  });

  for (const [given, path, rule, value] of [
    [{ environment: 'prod' }, 'environment', 'must be one of "test", "production"', '"prod"'],
    [
      { environment: 'prod', environments: undefined },
      'environment',
      'must be one of `environments`, of which there are none',
      '"prod"',
    ],
    [{ environment: 5 }, 'environment', 'must be the name of an environment', '5 (number)'],
    [{ environments: [] }, 'environments', 'must be a plain object', '[] (array)'],
    [{ environments: { test: null } }, 'environments.test', 'must be a plain object', 'null'],
    [
      { environments: { 'my env': { failover: { drainMs: -1 } } } },
      'environments["my env"].failover.drainMs',
      'must be a finite number >= 0',
      '-1',
    ],
    [{ environments: { x: { endpoints: [] } } }, 'environments.x.endpoints', 'must be a non-empty array', '[]'],
    [{ environments: { x: { environments: {} } } }, 'environments.x.environments', 'is not an option', 'object'],
    [
      { environments: { x: { failbak: {} } } },
      'environments.x.failbak',
      'is not an option; did you mean "failback"?',
      'object',
    ],
    [
      { environments: { x: { failback: { gracePeriod: 1 } } } },
      'environments.x.failback.gracePeriod',
      'is not an option; did you mean "gracePeriodMs"?',
      'number',
    ],
    [
      { environment: 'x', environments: { x: { endpoints: [A, A] } } },
      'environments.x.endpoints[1].id',
      'must be unique, and endpoints[0] has the same',
      '"a"',
    ],
    [
      { environment: 'x', environments: { x: { retry: { backoff: { maxMs: 1 } } } } },
      'environments.x.retry.backoff.maxMs',
      'must be >= retry.backoff.initialMs (2)',
      '1',
    ],
    [{ environments: { x: { preset: 'slow' } } }, 'environments.x.preset', presetRule(), '"slow"'],
    [{ preset: 'slow' }, 'preset', presetRule(), '"slow"'],
  ] as const) {
    it(`are refused with their path: ${path}`, () => {
      expect(problemsOf(() => resolveOptions({ ...options, ...given }))).to.deep.equal([{ path, rule, value }]);
    });
  }
});

describe('A preset', () => {
  it('that is not named is "balanced", and changes no default', () => {
    expect(PRESETS.balanced).to.deep.equal({});
    expect(resolveOptions({ endpoints: [A], preset: 'balanced' })).to.deep.equal(resolveOptions({ endpoints: [A] }));
  });

  for (const preset of ['fast', 'conservative'] as const) {
    it(`stands between the defaults and what is given: ${preset}`, () => {
      const given = {
        endpoints: [A],
        preset,
        failover: { drainMs: 1 },
        environments: { test: { failback: { jitterMs: 2 } } },
      };
      const resolved = resolveOptions(given, 'test');

      expect(resolved).to.deep.include({
        healthCheck: { ...DEFAULTS.healthCheck, ...PRESETS[preset].healthCheck },
        circuitBreaker: { ...DEFAULTS.circuitBreaker, ...PRESETS[preset].circuitBreaker },
        failover: { ...DEFAULTS.failover, ...PRESETS[preset].failover, drainMs: 1 },
        failback: {
          ...{ ...DEFAULTS.failback, allowEmptyEndpoint: false, ...PRESETS[preset].failback, jitterMs: 2 },
          maxGracePeriodMs: preset === 'fast' ? 960_000 : 3_600_000,
        },
      });
    });
  }

  it('of an environment is laid under what is given for all', () => {
    const given = { endpoints: [A], preset: 'conservative', failover: { silenceFloorMs: 99 } } as const;
    const { failover } = resolveOptions({ ...given, environments: { test: { preset: 'fast' } } }, 'test');

    expect(failover).to.include({ silenceFloorMs: 99, verifyTimeoutMs: PRESETS.fast.failover?.verifyTimeoutMs });
  });

  for (const [preset, longestMs, blockedMs] of [
    ['fast', 250, 150],
    ['balanced', 1_000, 700],
    ['conservative', 3_000, 2_000],
  ] as const satisfies readonly (readonly [Preset, number, number])[]) {
    it(`${preset} gives a silent endpoint up within ${longestMs} ms, and bears one that is blocked for ${blockedMs} ms`, () => {
      const { silenceFloorMs, verifyTimeoutMs } = resolveOptions({ endpoints: [A], preset }).failover;

      expect(silenceFloorMs + 2 * 20 + verifyTimeoutMs).to.be.at.most(longestMs);
      expect(silenceFloorMs + verifyTimeoutMs).to.be.above(blockedMs);
    });
  }
});

describe("README's table of presets", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('### Presets and environments'), readme.indexOf('## What is retried'));
  const rows = section
    .split('\n')
    .filter((line) => /^\| `\w+\.\w+`/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const names = Object.keys(PRESETS) as Preset[];

  it('shows what they are', () => {
    const shown = rows.flatMap(([, options = '', ...cells]) => {
      const paths = options.split(', ').map((path) => path.replaceAll('`', ''));
      const group = paths[0]?.split('.')[0] ?? '';
      return names.flatMap((preset, column) => {
        const values = (cells[column] ?? '').split(', ').map((value) => value.replaceAll(' ', ''));
        return paths.map((path, index) => [preset, group, path.replace(`${group}.`, ''), values[index]]);
      });
    });
    const actual = shown.map(([preset, group = '', name = '']) => {
      const resolved = resolveOptions({ endpoints: [A], preset }) as unknown as Record<string, Record<string, number>>;
      return [preset, group, name, String(resolved[group]?.[name] ?? '–')];
    });

    expect(shown).to.deep.equal(actual);
  });

  it('shows all in which they differ', () => {
    const differing = Object.values(PRESETS).flatMap((preset) =>
      Object.values(preset).flatMap((group) => Object.keys(group)),
    );
    for (const name of differing)
      expect(rows.map(([, options]) => options).join()).to.match(new RegExp(`[\`.]${name}\``));
  });
});

function presetRule(): string {
  return 'must be one of "fast", "balanced", "conservative"';
}
