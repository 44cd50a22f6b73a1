import type { ServerLog } from '../../spec/support/checker/attribution.ts';

/** Of the counter that several callers raise by WATCH, GET, MULTI, SET and EXEC. */
export const WATCHED_KEY = 'watched';

/** @returns what is wrong: each value follows the one before it on the same server, or an update was lost. */
export function judgeWatched(servers: readonly ServerLog[]): string[] {
  return servers.flatMap(({ name, executed }) => {
    const values = executed.flatMap(({ name: command, args }) =>
      command === 'SET' && args[0] === WATCHED_KEY ? [Number(args[1]?.split(':')[0])] : [],
    );
    const wrong = values.findIndex((value, i) => value !== i + 1);
    return wrong < 0 ? [] : [`on ${name} the counter became ${values[wrong]} behind ${values[wrong - 1] ?? 0}`];
  });
}
