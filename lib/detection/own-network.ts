import type { Endpoint } from '../endpoints/endpoint.ts';
import { type CheckResult, type FailedCheck, isSilence } from '../health/check-result.ts';
import { inBackground } from '../time/background.ts';
import type { Clock } from '../time/clock.ts';
import { recheckSilent } from './silence-recheck.ts';

export interface OwnNetworkSetup {
  readonly clock: Clock;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
  /** The endpoints beside this one, the most preferred one first. */
  readonly beside: (endpoint: Endpoint) => readonly Endpoint[];
  /** Whether its server answered until now, whatever the application's check says. */
  readonly isAnswering: (endpoint: Endpoint) => boolean;
  readonly isActive: (endpoint: Endpoint) => boolean;
  /** Whether it is active, and fails, and there is no other to go to. */
  readonly isStuck: (endpoint: Endpoint) => boolean;
  /** A quick look, over the connection of the probes. */
  readonly probe: (endpoint: Endpoint) => Promise<CheckResult>;
  /** A look while everything is silent. */
  readonly lookAgain: (endpoint: Endpoint) => Promise<CheckResult>;
  /** Whether commands may go there at all. */
  readonly isAllowed: (endpoint: Endpoint) => boolean;
  /** An endpoint that answered is silent as well. */
  readonly onSilent: (endpoint: Endpoint, result: FailedCheck, askedAt: number) => void;
  /** All that answered fell silent at once. */
  readonly onSuspected: (silent: readonly Endpoint[]) => void;
  /** Endpoints answer again, or fail for the application's check alone. The active one answers before another is told of. */
  readonly onBack: (endpoint: Endpoint, result: CheckResult) => void;
}

/**
 * Tells an endpoint that is silent from a network of our own that brings nothing: then all endpoints fall silent at once, to
 * switch helps nobody, and when it is back the active endpoint is as good as it was.
 */
export class OwnNetwork {
  readonly #setup: OwnNetworkSetup;
  /** Those that fell silent together with the one that was verified last. */
  #silentTogether: readonly Endpoint[] = [];
  #isSuspected = false;
  /** What is looked at again and again, if anything is. */
  #recheck: Endpoint | undefined;

  constructor(setup: OwnNetworkSetup) {
    this.#setup = setup;
  }

  /** All endpoints fell silent at once, and none has answered since. */
  get isSuspected(): boolean {
    // Its looks end a little behind what makes them needless, such as a forced switch.
    return this.#isSuspected && this.isRechecking;
  }

  /** Everything is silent, and looked at together: what a round of checks sees of one endpoint decides nothing meanwhile. */
  get isRechecking(): boolean {
    return this.#recheck !== undefined && this.#setup.isStuck(this.#recheck);
  }

  /** Verifies an endpoint, and asks those that answered until now at the same time. Never rejects. */
  async verify(endpoint: Endpoint, verify: () => Promise<CheckResult>): Promise<CheckResult> {
    const { clock, beside, isActive, isAnswering, probe, onSilent } = this.#setup;
    const askedAt = clock.now();
    const looks = beside(endpoint)
      .filter(isAnswering)
      .map(async (other) => ({ other, look: await probe(other) }));
    const result = await verify();
    this.#silentTogether = [];
    if (!isSilence(result)) return result;
    const asked = await Promise.all(looks);
    // Who became active meanwhile is looked at for its own sake.
    if (!isActive(endpoint)) return result; // rare: left-while-it-was-verified
    const silent: Endpoint[] = [];
    // Who was removed meanwhile says nothing, nor does another one with its id, which was not asked.
    const witnesses = asked.filter(({ other }) => beside(endpoint).includes(other));
    for (const { other, look } of witnesses) {
      if (!isSilence(look)) continue;
      // rare: silent-beside-a-silent-one
      silent.push(other);
      onSilent(other, look, askedAt);
    }
    if (silent.length === witnesses.length) this.#silentTogether = silent;
    return result;
  }

  /** Everybody has been told of the verdict on the active endpoint. */
  judged(endpoint: Endpoint, result: FailedCheck): void {
    const { isStuck, onSuspected } = this.#setup;
    if (!isSilence(result) || !isStuck(endpoint) || this.#recheck === endpoint) return;
    this.#isSuspected = this.#silentTogether.length > 0;
    if (this.#isSuspected) {
      // rare: own-network-suspected
      onSuspected([endpoint, ...this.#silentTogether]);
    }
    this.#recheck = endpoint;
    inBackground(() => void this.#untilOneIsBack(endpoint));
  }

  /** There is no client any more. */
  stop(): void {
    this.#recheck = undefined;
    this.#isSuspected = false;
  }

  async #untilOneIsBack(active: Endpoint): Promise<void> {
    const { clock, random, beside, isStuck, isAllowed, lookAgain, onBack } = this.#setup;
    const back = await recheckSilent({
      ...{ clock, random, active, look: lookAgain },
      others: () => beside(active).filter(isAllowed),
      isWanted: () => this.#recheck === active && isStuck(active),
    });
    if (this.#recheck !== active) return;
    this.stop();
    for (const { endpoint, result } of back) onBack(endpoint, result);
  }
}
