import { GeoFailoverError, type OptionProblem } from '../errors.ts';
import { isIdentifier, printName } from './mask.ts';

/** Joins a path, e.g. `['endpoints', 1, 'weight']` to `endpoints[1].weight`. */
export function joinPath(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((joined, step) => {
    if (typeof step === 'number') return `${joined}[${step}]`;
    const name = String(step);
    if (!isIdentifier(name)) return `${joined}[${printName(name)}]`;
    return joined === '' ? printName(name) : `${joined}.${printName(name)}`;
  }, base);
}

/** One error for all problems, one line each. */
export function invalidOptions(problems: readonly OptionProblem[]): GeoFailoverError {
  return new GeoFailoverError('GEO_INVALID_OPTIONS', problems.map(printProblem).join('\n'), {
    problems: Object.freeze(problems.map((problem) => Object.freeze({ ...problem }))),
  });
}

// "… is not an option" says nothing about the value, so it does not show it.
function printProblem({ path, rule, value }: OptionProblem): string {
  return rule.startsWith('must ') ? `${path} ${rule}, got ${value}` : `${path} ${rule}`;
}

/** The name that was probably meant. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const tolerance = Math.min(3, Math.max(1, Math.floor(name.length * 0.4)));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  return nearest !== undefined && nearest.distance <= tolerance ? nearest.candidate : undefined;
}

/** Levenshtein distance. */
function distance(from: string, to: string): number {
  // A name this long resembles none of ours, and the table would be large.
  if (Math.abs(from.length - to.length) > 3) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = at(row, j) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j + 1) + 1, at(next, j) + 1));
    }
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
