import type { Endpoint } from '../endpoints/endpoint.ts';
import type { FailedCheck } from './check-result.ts';

export interface OverruledChecksSetup {
  /** Whether commands could go to another endpoint than this one. */
  readonly isAnotherUsable: (endpoint: Endpoint) => boolean;
  /** Whether one of them is known to be good. */
  readonly isAnotherHealthy: (endpoint: Endpoint) => boolean;
  /** The most preferred one of them that is connected. */
  readonly bestOf: (endpoints: readonly Endpoint[]) => Endpoint | undefined;
  readonly onOverruled: (endpoint: Endpoint, failed: FailedCheck) => void;
}

/**
 * Checks of the application must not take everything down: what they ask may be down itself. The last endpoint serves on
 * for as long as its server answers, whatever they say.
 */
export class OverruledChecks {
  readonly #setup: OverruledChecksSetup;
  /** Endpoints whose check fails while their servers answer. */
  readonly #doubted = new Map<Endpoint, FailedCheck>();
  #overruled: Endpoint | undefined;

  constructor(setup: OverruledChecksSetup) {
    this.#setup = setup;
  }

  /** The endpoint that serves although its check fails. */
  get overruled(): Endpoint | undefined {
    return this.#overruled;
  }

  /** An endpoint was found to fail. @returns whether it is the last one, and has to serve all the same. */
  overrules(endpoint: Endpoint, failed: FailedCheck, isActive: boolean): boolean {
    if (failed.isServerGood !== true) this.forget(endpoint);
    else this.#doubted.set(endpoint, failed);
    const isLast = failed.isServerGood === true && isActive && !this.#isAnotherBetter(endpoint);
    if (isLast) this.#overrule(endpoint, failed);
    else if (this.#overruled === endpoint) this.#overruled = undefined;
    return isLast;
  }

  /** What its check says against an endpoint whose server answers. */
  doubtAbout(endpoint: Endpoint): FailedCheck | undefined {
    return this.#doubted.get(endpoint);
  }

  /** The active endpoint fails. @returns one whose check alone is against it, when there is no better one. */
  inPlaceOf(active: Endpoint): { readonly endpoint: Endpoint; readonly failed: FailedCheck } | undefined {
    const { isAnotherUsable, bestOf } = this.#setup;
    if (isAnotherUsable(active)) return undefined;
    const endpoint = bestOf([...this.#doubted.keys()].filter((doubted) => doubted !== active));
    const failed = endpoint && this.#doubted.get(endpoint);
    if (endpoint === undefined || failed === undefined) return undefined;
    this.#overrule(endpoint, failed);
    return { endpoint, failed };
  }

  /** The endpoint is good, or fails for another reason, or is there no more. */
  forget(endpoint: Endpoint): void {
    this.#doubted.delete(endpoint);
    if (this.#overruled === endpoint) this.#overruled = undefined;
  }

  /** Who serves already although its check fails goes on until another one is known to be good. */
  #isAnotherBetter(endpoint: Endpoint): boolean {
    const { isAnotherUsable, isAnotherHealthy } = this.#setup;
    return this.#overruled === endpoint ? isAnotherHealthy(endpoint) : isAnotherUsable(endpoint);
  }

  #overrule(endpoint: Endpoint, failed: FailedCheck): void {
    if (this.#overruled === endpoint) return;
    this.#overruled = endpoint;
    this.#setup.onOverruled(endpoint, failed);
  }
}
