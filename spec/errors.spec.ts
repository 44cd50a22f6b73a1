import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { toError, withoutTrace } from '../lib/errors.ts';

describe('Whatever was thrown', () => {
  it('is the same when it is an error', () => {
    const error = new TypeError('no');

    expect(toError(error)).to.equal(error);
  });

  const others: readonly (readonly [reason: unknown, message: string])[] = [
    ['no', 'no'],
    [undefined, 'undefined'],
    [{ code: 7 }, '{ code: 7 }'],
    [Object.create(null), '[Object: null prototype] {}'],
    [Symbol('no'), 'Symbol(no)'],
  ];

  for (const [reason, message] of others) {
    it(`becomes one that says ${message}`, () => {
      expect(toError(reason)).to.be.an('error').with.property('message', message);
    });
  }
});

describe('An error without a trace', () => {
  it('says where it was made, and no more', () => {
    const lines = withoutTrace(() => new RangeError('no')).stack?.split('\n') ?? [];

    expect(lines[0]).to.equal('RangeError: no');
    expect(lines).to.have.length(2);
    expect(new Error('next').stack?.split('\n')).to.have.length.above(3);
  });

  it('leaves traces as they were when it cannot be made', () => {
    const before = Error.stackTraceLimit;
    const fail = (): never => {
      throw new Error('no');
    };

    expect(() => withoutTrace(fail)).to.throw('no');
    expect(Error.stackTraceLimit).to.equal(before);
  });
});

describe('The codes of errors', () => {
  it('are all in the README', () => {
    const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    const codes = [...textOf('lib/errors.ts').matchAll(/\| '(GEO_[A-Z_]+)'/g)].map(([, code]) => code);
    const documented = [...textOf('README.md').matchAll(/^\| `(GEO_(?!FAILOVER_)[A-Z_]+)` \|/gm)].map(
      ([, code]) => code,
    );

    expect(codes).to.have.lengthOf.above(10);
    expect(documented).to.have.members(codes);
  });
});
