import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { toError } from '../lib/errors.ts';

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

describe('The codes of errors', () => {
  it('are all in the README', () => {
    const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    const codes = [...textOf('lib/errors.ts').matchAll(/\| '(GEO_[A-Z_]+)'/g)].map(([, code]) => code);
    const documented = [...textOf('README.md').matchAll(/^\| `(GEO_[A-Z_]+)` \|/gm)].map(([, code]) => code);

    expect(codes).to.have.lengthOf.above(10);
    expect(documented).to.have.members(codes);
  });
});
