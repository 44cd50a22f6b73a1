import type { Endpoint } from '../endpoints/endpoint.ts';
import { type CheckResult, isSilence, mayServe } from '../health/check-result.ts';
import type { Clock } from '../time/clock.ts';

/** Between two looks, give or take a half: clients that lost their network together need not all look in one moment. */
const PAUSE_MS = 100;

export interface SilenceRecheck {
  readonly clock: Clock;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
  readonly active: Endpoint;
  /** The most preferred one first. */
  readonly others: () => readonly Endpoint[];
  readonly look: (endpoint: Endpoint) => Promise<CheckResult>;
  /** Whether anybody still wants to know. */
  readonly isWanted: () => boolean;
}

export interface Look {
  readonly endpoint: Endpoint;
  readonly result: CheckResult;
}

/**
 * While everything is silent: looks at all endpoints together, sooner than the rounds of checks would, until one answers.
 * The active one has the first chance: when the network comes back, whoever happens to be asked first would be switched to.
 *
 * @returns those that answer: the active endpoint alone, or the others; without any, the active one with others whose
 * servers answer while the application's check is against them. None when nobody wants to know any more, or the active one
 * refuses, so that its network is there.
 */
export async function recheckSilent(recheck: SilenceRecheck): Promise<readonly Look[]> {
  const { clock, random, active, others, look, isWanted } = recheck;
  for (;;) {
    await new Promise<void>((resolve) => void clock.after(PAUSE_MS * (0.5 + random()), resolve));
    if (!isWanted()) return [];
    const looks = others().map(async (endpoint) => ({ endpoint, result: await look(endpoint) }));
    const own = { endpoint: active, result: await look(active) };
    if (own.result.ok) return [own];
    const seen = await Promise.all(looks);
    if (!isWanted()) return [];
    const good = seen.filter(({ result }) => mayServe(result));
    const doubted = seen.filter(({ result }) => !result.ok && result.isServerGood === true);
    if (good.length > 0 || doubted.length > 0) {
      // The network may have come back in the midst of that.
      const again = { endpoint: active, result: await look(active) };
      if (again.result.ok) return [again];
      return good.length > 0 ? good : [...doubted, again];
    }
    if (!isSilence(own.result)) return []; // rare: silence-ended-by-a-refusal
  }
}
