import type { Operation } from '../../spec/support/checker/history.ts';

/** Errors as `code or name/outcome`: "GEO_AMBIGUOUS/maybe-executed". */
export function errorLabels(history: readonly Operation[]): string[] {
  return history.flatMap(({ error }) => {
    if (error === undefined) return [];
    const what = error.code ?? `${error.name} ${error.message.split(' ')[0] ?? ''}`.trim();
    return [`${what}/${error.outcome ?? 'no outcome'}`];
  });
}
