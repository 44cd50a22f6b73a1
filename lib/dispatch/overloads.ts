import type { Clock } from '../time/clock.ts';
import type { WaitingCommand } from './waiting-command.ts';

/** How often an overloaded endpoint is asked again: more load makes it worse. */
const OVERLOAD_ATTEMPTS = 2;

/** After that nothing is tried again for so long, and what the server answers goes to the caller. */
const OVERLOAD_MEMORY_MS = 1_000;

/** Counts refusals for overload. */
export class Overloads {
  readonly #clock: Pick<Clock, 'now'>;
  /** Until when each endpoint counts as overloaded, because a command was refused for that as often as it may be. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  count(entry: WaitingCommand, endpointId: string): void {
    const now = this.#clock.now();
    const isKnown = now < (this.#until.get(endpointId) ?? 0);
    entry.overloads += isKnown ? OVERLOAD_ATTEMPTS + 1 : 1;
    if (!isKnown && this.isSpent(entry)) this.#until.set(endpointId, now + OVERLOAD_MEMORY_MS); // rare: overload-persists
  }

  isSpent({ overloads }: WaitingCommand): boolean {
    return overloads > OVERLOAD_ATTEMPTS;
  }
}
