import type { ProbingPolicy } from '../options/policy-options.ts';

/** What a round's outcome is after some of its probes; `undefined` while it is still open. */
export function judgeProbes(
  policy: ProbingPolicy,
  probes: { readonly total: number; readonly succeeded: number; readonly failed: number },
): boolean | undefined {
  const { total, succeeded, failed } = probes;
  const needed = policy === 'all' ? total : policy === 'any' ? 1 : Math.floor(total / 2) + 1;
  if (succeeded >= needed) return true;
  return failed > total - needed ? false : undefined;
}
