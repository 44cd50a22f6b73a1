import type { CheckResult } from '../health/check-result.ts';

/**
 * The first look that settles the matter: a good one, or one in which the server itself said no. Looks without an answer
 * count when all have ended without one.
 */
export function firstAnswer(looks: readonly Promise<CheckResult>[]): Promise<CheckResult> {
  return new Promise((resolve) => {
    let open = looks.length;
    for (const look of looks) {
      void look.then((result) => {
        open--;
        if (result.ok || result.isAnswer || open === 0) resolve(result);
      });
    }
  });
}
