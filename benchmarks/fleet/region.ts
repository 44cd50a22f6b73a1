/** What becomes of a region: its servers refuse connections, or nothing arrives there any more. */
export type Outage = 'killed' | 'silent';

/** TCP, the greeting with its login, and the check whether the server is ready. With TLS there would be more. */
const HANDSHAKE_ROUND_TRIPS = 3;

/** As in ioredis: whoever is not let in by then gives up. */
const CONNECT_TIMEOUT_MS = 10_000;

// One for all: stack traces of hundreds of thousands would take most of the time.
const REFUSED = new Error('connect ECONNREFUSED');
const LOST = new Error('Connection is closed.');
const TIMED_OUT = new Error('connect ETIMEDOUT');

/** An endpoint as a whole fleet sees it: it counts who connects, and may fail for everybody at once. */
export class Region {
  /** When a connection arrived. */
  readonly arrivals: number[] = [];
  /** How many connections were refused, or not answered. */
  turnedAway = 0;
  #outage: Outage | undefined;
  /** Connections of an older one are gone. */
  #generation = 0;
  readonly #onLost = new Set<() => void>();

  /** Resolves when the connection is ready. */
  async connect(roundTripMs: number): Promise<RegionConnection> {
    if (this.#outage !== undefined) {
      this.turnedAway++;
      const isKilled = this.#outage === 'killed';
      await pause(isKilled ? roundTripMs : CONNECT_TIMEOUT_MS);
      throw isKilled ? REFUSED : TIMED_OUT;
    }
    const generation = this.#generation;
    this.arrivals.push(performance.now());
    await pause(HANDSHAKE_ROUND_TRIPS * roundTripMs);
    if (generation !== this.#generation) throw LOST;
    return new RegionConnection(() => this.#stateOf(generation), roundTripMs);
  }

  /** To be told when connections to it are lost at once. @returns what ends that */
  onLost(tell: () => void): () => void {
    this.#onLost.add(tell);
    return () => this.#onLost.delete(tell);
  }

  fail(outage: Outage): void {
    this.#outage = outage;
    this.#generation++;
    if (outage === 'killed') for (const tell of [...this.#onLost]) tell();
  }

  comeBack(): void {
    this.#outage = undefined;
  }

  #stateOf(generation: number): 'open' | 'closed' | 'silent' {
    if (generation === this.#generation) return 'open';
    return this.#outage === 'silent' ? 'silent' : 'closed';
  }
}

export class RegionConnection {
  readonly #state: () => 'open' | 'closed' | 'silent';
  readonly #roundTripMs: number;

  constructor(state: () => 'open' | 'closed' | 'silent', roundTripMs: number) {
    this.#state = state;
    this.#roundTripMs = roundTripMs;
  }

  async ping(): Promise<string> {
    const state = this.#state();
    if (state === 'closed') throw LOST;
    if (state === 'silent') return new Promise(() => undefined);
    await pause(this.#roundTripMs);
    if (this.#state() === 'closed') throw LOST;
    return this.#state() === 'silent' ? new Promise(() => undefined) : 'PONG';
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
