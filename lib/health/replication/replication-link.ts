import type { HealthCheckVerdict } from '../../options/health-check.ts';
import type { Clock } from '../../time/clock.ts';
import { thrownVerdict } from '../check-answer.ts';
import { untilAborted } from '../until-aborted.ts';
import { CanaryEnd, type ReplicationEnd } from './canary-end.ts';

/** A connection over which nothing has been heard by then is given up. Checks that end before that find it under way. */
const PATIENCE_MS = 10_000;

/** Where it was published, and when. */
const CANARY = /^([01]) (\d+(?:\.\d+)?)$/;

export interface ReplicationLinkSetup {
  readonly ends: readonly [ReplicationEnd, ReplicationEnd];
  /** Nobody else publishes there. */
  readonly channel: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** One end, and what was heard there. Messages are known by when they were sent. */
interface Side {
  readonly end: CanaryEnd;
  /** The newest message that came from the other end. */
  newest: number;
  /** A message that was published on this very end, and not heard since: is anybody listening? */
  unheard: number | undefined;
}

/** Proves that two endpoints replicate to each other, by messages that are published on each and have to arrive at the other. */
export class ReplicationLink {
  readonly #setup: ReplicationLinkSetup;
  readonly #sides: readonly [Side, Side];
  readonly #isOpen: Promise<unknown>;
  readonly #openedAt: number;
  readonly #watchers = new Set<() => void>();
  #isListening = false;
  #lost: Error | undefined;

  constructor(setup: ReplicationLinkSetup) {
    this.#setup = setup;
    this.#openedAt = setup.clock.now();
    this.#sides = [this.#createSide(0), this.#createSide(1)];
    this.#isOpen = Promise.all(this.#sides.map(({ end }) => end.isListening)).then(
      () => (this.#isListening = true),
      (error: unknown) => {
        this.#lose(error as Error);
        throw error;
      },
    );
    // Whoever wants a proof awaits it.
    this.#isOpen.catch(() => undefined);
  }

  /** Whether it may still prove something. */
  get isUsable(): boolean {
    return this.#lost === undefined && (this.#isListening || this.#isWithin(PATIENCE_MS, this.#openedAt));
  }

  /** Never rejects. */
  async prove(signal: AbortSignal): Promise<HealthCheckVerdict> {
    try {
      await untilAborted(this.#isOpen, signal);
      await this.#exchange(signal);
      return this.#verdict();
    } catch (error) {
      return thrownVerdict(error);
    }
  }

  close(): void {
    this.#lose(new Error('Connection is closed.'));
  }

  /** Resolves when a message has arrived at each end, or when the time for that is over. */
  async #exchange(signal: AbortSignal): Promise<void> {
    const { clock, timeoutMs } = this.#setup;
    const sentAt = clock.now();
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const look = (): void => {
      const haveArrived = this.#sides.every(({ newest }) => newest >= sentAt);
      if (haveArrived || this.#lost !== undefined) finish();
    };
    const timer = clock.after(timeoutMs, finish);
    signal.addEventListener('abort', finish, { once: true });
    this.#watchers.add(look);
    try {
      const published = this.#sides.map((side, index) => publish(side, index, sentAt));
      await Promise.race([finished, failureOf(published)]);
    } finally {
      this.#watchers.delete(look);
      signal.removeEventListener('abort', finish);
      timer.cancel();
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  #createSide(index: number): Side {
    const { ends, channel } = this.#setup;
    const end = new CanaryEnd({
      end: index === 0 ? ends[0] : ends[1],
      channel,
      onHeard: (message) => this.#heard(side, index, message),
      onLost: (error) => this.#lose(error),
    });
    const side: Side = { end, newest: Number.NEGATIVE_INFINITY, unheard: undefined };
    return side;
  }

  #heard(side: Side, index: number, message: string): void {
    const [, from, sentAt] = CANARY.exec(message) ?? [];
    if (from === undefined) return;
    if (Number(from) === index) side.unheard = undefined;
    else side.newest = Math.max(side.newest, Number(sentAt));
    this.#look();
  }

  /** What has arrived before counts as well, as long as it is no older than a message may be. */
  #verdict(): HealthCheckVerdict {
    const blocked = this.#sides.filter(({ newest }) => !this.#isWithin(this.#setup.timeoutMs, newest));
    if (blocked.length === 0) return { ok: true };
    const deaf = this.#sides.find(({ unheard }) => unheard !== undefined && !this.#isWithin(PATIENCE_MS, unheard));
    if (deaf !== undefined) {
      this.close();
      const message = `${deaf.end.endpointId} sends no messages to those who subscribe`;
      return { ok: false, reason: 'connection', message };
    }
    const [here, there] = this.#sides.map(({ end }) => end.endpointId);
    const ways = blocked.map((side) => (side === this.#sides[0] ? `${there} to ${here}` : `${here} to ${there}`));
    return { ok: false, reason: 'replication', message: `no message comes in time from ${ways.join(', nor from ')}` };
  }

  #isWithin(ms: number, since: number): boolean {
    return this.#setup.clock.now() - since <= ms;
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const { end } of this.#sides) end.close();
    this.#look();
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

async function publish(side: Side, index: number, sentAt: number): Promise<void> {
  side.unheard ??= sentAt;
  await side.end.publish(`${index} ${sentAt}`);
}

/** Rejects with the first failure, and never resolves. */
function failureOf(promises: readonly Promise<void>[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const promise of promises) promise.catch(reject);
  });
}
