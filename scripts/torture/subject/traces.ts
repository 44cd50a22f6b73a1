import { setTimeout as delay } from 'node:timers/promises';
import type { GeoFailoverRedis } from '../../../lib/index.ts';
import type { Remains } from '../protocol.ts';
import type { TimerWatch } from './timer-watch.ts';
import { holdsWithin } from './within.ts';

/** ioredis waits up to two seconds for the end of a stream. */
const PATIENCE_MS = 4_000;
const LOOK_AGAIN_MS = 500;

interface Counts {
  readonly resources: ReadonlyMap<string, number>;
  readonly listeners: ReadonlyMap<string, number>;
}

/** Looks whether clients leave something behind in this process. */
export class Traces {
  readonly #timers: TimerWatch;
  readonly #before: Counts = counts();
  readonly #clients: { readonly name: string; readonly reference: WeakRef<GeoFailoverRedis> }[] = [];

  constructor(timers: TimerWatch) {
    this.#timers = timers;
  }

  follow(name: string, client: GeoFailoverRedis): void {
    this.#clients.push({ name, reference: new WeakRef(client) });
  }

  /** To be called when nobody holds a client any more. */
  async look(): Promise<Remains> {
    await holdsWithin(() => this.#leaks().length === 0, PATIENCE_MS);
    const leaks = this.#leaks();
    const kept = await this.#kept();
    if (kept.length > 0) leaks.push(`memory: kept after quit(): ${kept.join(', ')}`);
    return { leaks, heapBytes: process.memoryUsage().heapUsed };
  }

  /** Clients that are still in memory, after some time. */
  async #kept(): Promise<string[]> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      await collectGarbage();
      const kept = this.#clients.filter(({ reference }) => reference.deref() !== undefined).map(({ name }) => name);
      if (kept.length === 0 || performance.now() > until) return kept;
      await delay(LOOK_AGAIN_MS);
    }
  }

  #leaks(): string[] {
    const now = counts();
    return [
      ...this.#timers.pending.map((text) => `timer: ${text}`),
      ...more(this.#before.resources, now.resources).map((text) => `resource: ${text}`),
      ...more(this.#before.listeners, now.listeners).map((text) => `listener of the process: ${text}`),
    ];
  }
}

function counts(): Counts {
  const resources = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) resources.set(type, (resources.get(type) ?? 0) + 1);
  // Timers are counted one by one, see TimerWatch.
  for (const type of ['Timeout', 'Immediate']) resources.delete(type);
  const listeners = new Map(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
  return { resources, listeners };
}

function more(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  return [...now].flatMap(([name, count]) => {
    const added = count - (before.get(name) ?? 0);
    return added > 0 ? [`${added} x ${name}`] : [];
  });
}

async function collectGarbage(): Promise<void> {
  if (gc === undefined) throw new Error('to be run with --expose-gc');
  for (let times = 0; times < 3; times++) {
    await new Promise((resolve) => setImmediate(resolve));
    await gc({ type: 'major', execution: 'async' });
  }
}
