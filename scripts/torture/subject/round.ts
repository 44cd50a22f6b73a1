import { createGeoFailoverRedis, type GeoFailoverRedis, isGeoFailoverError } from '../../../lib/index.ts';
import { allReady } from '../../../spec/support/geo-pair.ts';
import { forgetWrittenOperations, wasWritten } from '../../../spec/support/written-operations.ts';
import type { RoundResult, RoundSetup, SeenSwitch, SubjectCalls, SubjectMessage, SwitchRequest } from '../protocol.ts';
import { Loads } from './loads.ts';
import { clientOptions } from './options.ts';
import type { Traces } from './traces.ts';
import { holdsWithin, settlesWithin } from './within.ts';

const PROGRESS_MS = 20_000;
/** What was refused until now is tried again after a second at the latest. */
const AT_ONCE_MS = 2_000;
const QUIT_MS = 5_000;
/** A driver that was waited for in vain must not stop failbacks for good. */
const LONGEST_CATCH_MS = 2_000;

/** The application of one round. */
export class Round implements Omit<SubjectCalls, 'begin' | 'block' | 'remains' | 'end'> {
  readonly #client: GeoFailoverRedis;
  readonly #loads: Loads;
  readonly #best: string;
  readonly #endpoints: RoundSetup['endpoints'];
  readonly #switches: SeenSwitch[] = [];
  #catching: { readonly released: Promise<void>; readonly release: () => void } | undefined;

  private constructor(client: GeoFailoverRedis, setup: RoundSetup) {
    this.#client = client;
    this.#endpoints = setup.endpoints;
    this.#best = setup.endpoints[0]?.id ?? '';
    this.#loads = new Loads(client, setup);
  }

  static async begin(setup: RoundSetup, traces: Traces, tell: (message: SubjectMessage) => void): Promise<Round> {
    forgetWrittenOperations();
    const holder: { round?: Round } = {};
    const client = createGeoFailoverRedis(
      clientOptions(setup, async ({ to }) => {
        const catching = holder.round?.takeCatch();
        if (catching === undefined) return true;
        tell({ event: 'failback-caught', to });
        await settlesWithin(catching, LONGEST_CATCH_MS);
        return true;
      }),
    );
    client.on('error', () => undefined);
    await client.ping();
    await allReady(client);
    const round = new Round(client, setup);
    holder.round = round;
    client.geo.on('endpointSwitched', (event) => {
      round.#switches.push({ ...event, seenAt: performance.now() });
      tell({ event: 'active', endpointId: event.to, at: event.at });
    });
    traces.follow('the client', client);
    for (const duplicate of round.#loads.duplicates) traces.follow('a duplicate', duplicate);
    return round;
  }

  async switchTo({ to, ...options }: SwitchRequest): ReturnType<SubjectCalls['switchTo']> {
    try {
      return await this.#client.geo.switchTo(to, options);
    } catch (error) {
      return isGeoFailoverError(error) ? error.code : String(error);
    }
  }

  async replace(endpointId: string): Promise<string | undefined> {
    const { host, port } = this.#endpoints.find(({ id }) => id === endpointId) ?? {};
    try {
      await this.#client.geo.replace(endpointId, { redis: { host, port } });
      return undefined;
    } catch (error) {
      return isGeoFailoverError(error) ? error.code : String(error);
    }
  }

  release(): Promise<void> {
    this.#client.geo.release();
    return Promise.resolve();
  }

  catchFailback(): Promise<void> {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.#catching = { released, release };
    return Promise.resolve();
  }

  letGo(): Promise<void> {
    this.#catching?.release();
    this.#catching = undefined;
    return Promise.resolve();
  }

  /** @returns what to wait for, if a failback is to be held. */
  takeCatch(): Promise<void> | undefined {
    return this.#catching?.released;
  }

  calm(withinMs: number): Promise<boolean> {
    return holdsWithin(() => this.#isWell(), withinMs);
  }

  async progress(): Promise<string[]> {
    const { geo } = this.#client;
    const problems: string[] = [];
    if (!(await holdsWithin(() => geo.activeEndpoint === this.#best && this.#client.status === 'ready', PROGRESS_MS))) {
      problems.push(`the best endpoint is not active again: ${JSON.stringify(geo.endpoints())}`);
    }
    const { news, queue, scans } = this.#loads;
    const [heard, taken, scanned] = [news.leastHeard, queue.result.taken.length, scans.result.complete];
    const set = settlesWithin(this.#client.set('afterwards', 'x'), AT_ONCE_MS);
    if (!(await set)) problems.push('a command waits although everything is well');
    const checks: readonly (readonly [what: string, holds: Promise<boolean>])[] = [
      ['the clients are not answered', this.#loads.goOn(PROGRESS_MS)],
      ['subscribers hear nothing any more', holdsWithin(() => news.leastHeard > heard, PROGRESS_MS)],
      ['consumers get nothing any more', holdsWithin(() => queue.result.taken.length > taken, PROGRESS_MS)],
      ['no stream of keys comes to its end', holdsWithin(() => scans.result.complete > scanned, PROGRESS_MS)],
    ];
    for (const [what, holds] of checks) if (!(await holds)) problems.push(what);
    return problems;
  }

  async finish(): Promise<RoundResult> {
    const hanging = await this.#loads.stop();
    const { history, queue, news, scans } = this.#loads;
    return {
      history,
      hanging,
      unhandled: [],
      switches: this.#switches,
      neverWritten: history.flatMap(({ id, error }) => (error !== undefined && !wasWritten(id) ? [id] : [])),
      queue: queue.result,
      news: news.result,
      scans: scans.result,
    };
  }

  async quit(): Promise<string[]> {
    const clients = [...this.#loads.duplicates, this.#client];
    const quits = await Promise.all(clients.map((client) => settlesWithin(client.quit(), QUIT_MS)));
    return quits.every(Boolean) ? [] : ['quit() does not end'];
  }

  #isWell(): boolean {
    const { geo, status } = this.#client;
    const areAllWell = geo
      .endpoints()
      .every(({ health, circuit, isReady }) => health === 'healthy' && circuit === 'closed' && isReady);
    return areAllWell && status === 'ready' && geo.activeEndpoint === this.#best;
  }
}
