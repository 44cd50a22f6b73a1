import { expect } from 'chai';
import { maskUrl, printValue, printWithType } from '../../lib/options/mask.ts';

const urls: readonly (readonly [text: string, masked: string])[] = [
  ['redis://host', 'redis://host'],
  ['redis://host:6379/0', 'redis://host:6379/0'],
  ['redis://[::1]:6379', 'redis://[::1]:6379'],
  ['redis://[fe80::1]', 'redis://[fe80::1]'],
  ['redis://user:secret@host', 'redis://user:***@host'],
  ['redis://:secret@host', 'redis://:***@host'],
  ['rediss://user:secret@host:6380/1?family=6', 'rediss://user:***@host:6380/1?family=6'],
  ['redis://secret@host', 'redis://***@host'],
  ['redis://user:@host', 'redis://user:***@host'],
  ['redis://user:se@cr@et@host', 'redis://user:***@host'],
  ['redis://user:12/se#cr?et@host', 'redis://user:***@host'],
  ['redis://user:se\ncret@host', 'redis://user:***@host'],
  ['redis://user:secret', 'redis://user:***'],
  ['redis://user:12secret', 'redis://user:***'],
  ['redis://a:s1@h1,redis://b:s2@h2', 'redis://a:***@h2'],
  ['http://user:secret@host', 'http://***@host'],
  ['user:secret@host', '***@host'],
  ['redis:user:secret@host', '***@host'],
  ['//user:secret@host', '***@host'],
  ['redis://host?password=secret&db=1', 'redis://host?password=***&db=1'],
  ['redis://host?db=1&sentinelPassword=secret', 'redis://host?db=1&sentinelPassword=***'],
  ['redis://host?pass%77ord=secret', 'redis://host?pass%77ord=***'],
  ['redis://host?password=secret@more', 'redis://***@more'],
  ['redis://host?%zz=1', 'redis://host?%zz=1'],
  ['/tmp/redis.sock?password=secret', '/tmp/redis.sock?password=***'],
  ['majority', 'majority'],
];

describe('maskUrl', () => {
  for (const [text, masked] of urls.filter(([text]) => !text.endsWith('@more'))) {
    it(JSON.stringify(text), () => expect(maskUrl(text)).to.equal(masked));
  }

  it('masks what stands before an @ in a query as well, since it may be a password that is not encoded', () => {
    expect(maskUrl('redis://host?password=secret@more')).not.to.contain('secret');
    expect(maskUrl('redis://host?name=user@more')).not.to.contain('user');
  });
});

class Pool {
  readonly password = 'secret';
}

const nested = { a: { b: { c: { d: 1 } } } };
const cyclic: Record<string, unknown> = { name: 'x' };
cyclic['self'] = cyclic;

const values: readonly (readonly [value: unknown, printed: string, withType: string])[] = [
  [undefined, 'undefined', 'undefined'],
  [null, 'null', 'null'],
  [5, '5', '5 (number)'],
  [NaN, 'NaN', 'NaN (number)'],
  [5n, '5n', '5n (bigint)'],
  [true, 'true', 'true (boolean)'],
  ['x', '"x"', '"x" (string)'],
  ['two\nlines\u2028\u0085', '"two\\nlines\\u2028\\u0085"', '"two\\nlines\\u2028\\u0085" (string)'],
  [Symbol('secret'), 'symbol', 'symbol'],
  [() => 'secret', 'function', 'function'],
  [Pool, 'function', 'function'],
  [new Pool(), 'Pool', 'Pool'],
  [new Error('secret'), 'Error', 'Error'],
  [[], '[]', '[] (array)'],
  [{}, '{}', '{} (object)'],
  [Object.create(null), '{}', '{} (object)'],
  [[1, 'a', [null]], '[1, "a", [null]]', '[1, "a", [null]] (array)'],
  [nested, '{ a: { b: { c: { … } } } }', '{ a: { b: { c: { … } } } } (object)'],
  [{ 'a b': 1 }, '{ "a b": 1 }', '{ "a b": 1 } (object)'],
  [{ 'redis://u:pw@h': 1 }, '{ "redis://u:***@h": 1 }', '{ "redis://u:***@h": 1 } (object)'],
  [Buffer.from('secret'), 'Buffer (not printed)', 'Buffer (not printed)'],
  [new Uint8Array(2), 'Uint8Array (not printed)', 'Uint8Array (not printed)'],
  [new ArrayBuffer(2), 'ArrayBuffer (not printed)', 'ArrayBuffer (not printed)'],
  [{ tls: [{ deep: Buffer.from('secret') }] }, 'object (not printed)', 'object (not printed)'],
  [[Buffer.from('secret')], 'array (not printed)', 'array (not printed)'],
];

describe('printValue', () => {
  for (const [value, printed, withType] of values) {
    it(withType, () => {
      expect(printValue(value)).to.equal(printed);
      expect(printWithType(value)).to.equal(withType);
    });
  }

  for (const name of [
    ...['password', 'username', 'sentinelPassword', 'sentinelUsername', 'key', 'cert', 'pfx', 'passphrase'],
    ...['Password', 'authToken', 'clientSecret', 'credentials', 'pwd', 'user'],
  ]) {
    it(`masks ${name}`, () => {
      expect(printValue({ host: 'h', tls: { [name]: 'secret' } })).to.equal(`{ host: "h", tls: { ${name}: *** } }`);
      expect(printValue([{ [name]: ['secret'] }])).to.equal(`[{ ${name}: *** }]`);
    });
  }

  it('does not mask a key prefix', () => {
    expect(printValue({ keyPrefix: 'app:' })).to.equal('{ keyPrefix: "app:" }');
  });

  it('cuts long values, after masking', () => {
    expect(printValue('x'.repeat(1000))).to.equal(`"${'x'.repeat(79)}…"`);
    expect(printValue(`redis://u:${'s'.repeat(1000)}@h`)).to.equal('"redis://u:***@h"');
    expect(printValue([1, 2, 3, 4, 5, 6, 7, 8, 9])).to.equal('[1, 2, 3, 4, 5, 6, 7, 8, …]');
    expect(printValue(Array(8).fill('x'.repeat(70)))).to.have.lengthOf(200);
  });

  it('ends on an object that contains itself', () => {
    expect(printValue(cyclic)).to.equal('{ name: "x", self: { name: "x", self: { name: "x", self: { … } } } }');
  });

  it('survives an object that cannot be read', () => {
    const value = Object.defineProperty({}, 'a', { enumerable: true, get: () => expect.fail('secret') });

    expect(printWithType(value)).to.equal('a value that cannot be read (object)');
  });
});
