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
