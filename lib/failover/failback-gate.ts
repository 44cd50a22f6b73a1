import { toError } from '../errors.ts';
import type { GeoEvents } from '../geo-events.ts';
import type { FailbackGate } from '../options/failback-options.ts';
import type { Clock } from '../time/clock.ts';

/** A gate that has not answered by then has refused. */
const ANSWER_MS = 30_000;

export interface FailbackGateSetup {
  readonly clock: Clock;
  readonly events: Pick<GeoEvents, 'emit'>;
}

/** Asks the application whether a failback is welcome. Never rejects: a gate that fails has refused. */
export function failbackGate(
  gate: FailbackGate | undefined,
  { clock, events }: FailbackGateSetup,
): (from: string, to: string) => Promise<boolean> {
  if (gate === undefined) return () => Promise.resolve(true);
  return async (from, to) => {
    try {
      return await inTime(new Promise((resolve) => resolve(gate({ from, to }))), clock);
    } catch (reason) {
      // rare: failback-gate-failed
      events.emit('actionFailed', { action: 'failback.gate', error: toError(reason) });
      return false;
    }
  };
}

function inTime(answer: Promise<boolean>, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const limit = clock.after(ANSWER_MS, () => {
      reject(new Error(`failback.gate has not answered within ${ANSWER_MS} ms`));
    });
    void answer.finally(() => limit.cancel()).then(resolve, reject);
  });
}
