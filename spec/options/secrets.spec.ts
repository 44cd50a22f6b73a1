import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { normalizeArguments, resolveOptions } from '../../lib/options/resolve-options.ts';
import { errorOf } from './problems-of.ts';

const MARK = 'S3CR3T';
const RUNS = 500;

/** Every secret contains the mark, amid characters that have a meaning in URLs. */
const secret = fc
  .tuple(fc.string({ maxLength: 12 }), fc.stringMatching(/^[@:/?#&=%;[\] ]{0,4}$/))
  .map(([text, special]) => `${text}${special}${MARK}${special}`);

const encoded = secret.map((text) => encodeURIComponent(text));
const scheme = fc.constantFrom('redis://', 'rediss://', 'REDIS://', 'http://', 'redis:', '//', '');
const user = fc.constantFrom('', 'user', 'default');

const url = fc.oneof(
  fc.tuple(scheme, user, encoded).map(([start, name, password]) => `${start}${name}:${password}@host:6379/x`),
  fc.tuple(scheme, user, secret).map(([start, name, password]) => `${start}${name}:${password}@host`),
  fc.tuple(scheme, encoded).map(([start, password]) => `${start}${password}@host:99999`),
  fc.tuple(scheme, secret).map(([start, password]) => `${start}${password}@host`),
  fc.tuple(scheme, secret).map(([start, password]) => `${start}host:12${password}@host`),
  scheme.filter((start) => start.endsWith('//')).map((start) => `${start}user:1${MARK}`),
  fc.tuple(scheme, encoded).map(([start, password]) => `${start}host/x?password=${password}&db=1`),
  encoded.map((password) => `/tmp/redis.sock?db=x&sentinelPassword=${password}`),
);

const secretName = fc.constantFrom('password', 'username', 'sentinelPassword', 'key', 'cert', 'pfx', 'passphrase');
const holder = fc.oneof(
  fc.tuple(secretName, secret).map(([name, text]) => ({ host: 'h', [name]: text })),
  fc.tuple(secretName, secret).map(([name, text]) => ({ host: 'h', tls: { [name]: Buffer.from(text) } })),
  secret.map((text) => ({ tls: { ca: [Buffer.from(text)] } })),
  secret.map((text) => Buffer.from(text)),
  url,
);
const wrong = fc.oneof(
  holder,
  holder.map((value) => [value]),
  holder.map((value) => ({ value })),
);

/** A part of the options in which any option, known or not, may have a value that holds a secret. */
const part = (...names: string[]): fc.Arbitrary<object> =>
  fc.dictionary(fc.constantFrom(...names), wrong, { maxKeys: 3 });

const endpoint = fc.record(
  {
    id: fc.oneof(fc.constantFrom('a', 'b'), wrong),
    weight: wrong,
    redis: wrong,
    pasword: secret,
    healthCheck: part('policy', 'probes', 'x'),
  },
  { requiredKeys: [] },
);

const options = fc.record(
  {
    endpoints: fc.oneof(fc.array(fc.oneof(endpoint, wrong), { maxLength: 3 }), wrong),
    redis: wrong,
    preset: wrong,
    pasword: secret,
    failback: fc.oneof(part('enabled', 'gate', 'gracePeriod'), wrong),
    retry: part('sameEndpoint', 'deadlineMs', 'backoff'),
    onSwitch: wrong,
  },
  { requiredKeys: ['failback', 'onSwitch', 'endpoints'] },
);

function expectNoSecret(run: () => unknown): void {
  const error = errorOf(run);
  const shown = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: Infinity })].join('\n');
  expect(shown).not.to.contain(MARK);
  expect(error.message.split('\n')).to.have.lengthOf(error.problems?.length ?? 0);
}

describe('secrets', function () {
  this.timeout(15_000);

  it('appear in no error', () => {
    fc.assert(
      fc.property(options, (input) => expectNoSecret(() => resolveOptions(input))),
      { numRuns: RUNS },
    );
  });

  it('appear in no error about the short form', () => {
    const second = fc.record({ endpoints: wrong, redis: wrong }, { requiredKeys: ['endpoints'] });
    fc.assert(
      fc.property(fc.array(wrong), second, (list, rest) => expectNoSecret(() => normalizeArguments(list, rest))),
      { numRuns: RUNS },
    );
  });

  it('appear in no id that is made from a server', () => {
    fc.assert(
      fc.property(fc.array(wrong, { minLength: 1 }), (list) => {
        const { endpoints } = normalizeArguments(list) as { endpoints: { id: string }[] };
        expect(endpoints.map(({ id }) => id).join()).not.to.contain(MARK);
      }),
      { numRuns: RUNS },
    );
  });
});
