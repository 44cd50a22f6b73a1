import { AssertionError } from 'chai';
import { type GeoFailoverError, type OptionProblem, isGeoFailoverError } from '../../lib/errors.ts';

/** Input, and what is said about it. */
export type BadCase = readonly [input: unknown, path: string, rule: string, value: string];

export const A = { id: 'a', redis: 'redis://a' };
export const B = { id: 'b', redis: 'redis://b' };

export function errorOf(run: () => unknown): GeoFailoverError {
  try {
    run();
  } catch (error) {
    if (isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')) return error;
    throw error;
  }
  throw new AssertionError('the options were accepted');
}

export function problemsOf(run: () => unknown): readonly OptionProblem[] {
  return errorOf(run).problems ?? [];
}
