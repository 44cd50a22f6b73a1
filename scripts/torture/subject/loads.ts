import type { GeoFailoverRedis } from '../../../lib/index.ts';
import { DEFAULT_MIX, type Load, startLoad } from '../../../spec/support/checker/load.ts';
import type { Operation } from '../../../spec/support/checker/history.ts';
import { type News, startNews } from '../../../spec/support/side-loads/news.ts';
import { type QueueResult, startQueue } from '../../../spec/support/side-loads/queue.ts';
import { duplicateOf, type SideLoad } from '../../../spec/support/side-loads/side-load.ts';
import type { RoundSetup, ScansResult } from '../protocol.ts';
import { type Contenders, startContenders } from './contenders.ts';
import { startScans } from './scans.ts';
import { type Visitors, startVisitors } from './visitors.ts';
import { settlesWithin } from './within.ts';

const CONSUMERS = 2;
const CHANNELS = 3;
const CONTENDERS = 2;
/** The rest goes over duplicates, in equal shares. */
const SHARE_OF_CLIENT = 0.6;
const DUPLICATES = 2;
/** More than any deadline of the client. */
const SETTLE_MS = 20_000;
const MIX = { ...DEFAULT_MIX, 'set-stream': 20 };

/** Everything that one application does with its client at the same time. */
export class Loads {
  readonly duplicates: readonly GeoFailoverRedis[];
  readonly queue: SideLoad<QueueResult>;
  readonly news: News;
  readonly scans: SideLoad<ScansResult>;
  readonly #loads: readonly Load[];
  readonly #contenders: Contenders;
  readonly #visitors: Visitors;

  constructor(client: GeoFailoverRedis, { seed, opsPerSecond, scannedKeys }: RoundSetup) {
    this.duplicates = Array.from({ length: DUPLICATES }, () => duplicateOf(client));
    this.#loads = [client, ...this.duplicates].map((each, i) =>
      startLoad(each, {
        seed: seed * 10 + i,
        tag: `s${seed}c${i}`,
        opsPerSecond: opsPerSecond * (i === 0 ? SHARE_OF_CLIENT : (1 - SHARE_OF_CLIENT) / DUPLICATES),
        settleTimeoutMs: SETTLE_MS,
        mix: MIX,
        identify: () => client.geo.activeEndpoint,
      }),
    );
    this.queue = startQueue(client, { consumers: CONSUMERS, blockSeconds: 1 });
    this.news = startNews(client, { channels: CHANNELS, hasPattern: true });
    this.scans = startScans(client, scannedKeys);
    this.#contenders = startContenders(client, CONTENDERS, seed);
    this.#visitors = startVisitors(client, seed);
  }

  /** Ends all of them. What did not come to its end is told. */
  async stop(): Promise<string[]> {
    const hanging: string[] = [];
    const parts: Readonly<Record<string, Promise<unknown>>> = {
      load: Promise.all(this.#loads.map((load) => load.stop())),
      consumers: this.queue.stop(),
      subscribers: this.news.stop(),
      scans: this.scans.stop(),
      contenders: this.#contenders.stop(),
      visitors: this.#visitors.stop().then((texts) => hanging.push(...texts)),
    };
    const ended = await Promise.all(
      Object.entries(parts).map(async ([name, end]) =>
        (await settlesWithin(end, SETTLE_MS + 2_000)) ? [] : [`${name} did not come to their end`],
      ),
    );
    for (const { recording } of [this.#contenders, this.#visitors]) recording.seal();
    return [...ended.flat(), ...hanging];
  }

  get history(): Operation[] {
    const recordings = [this.#contenders, this.#visitors].map(({ recording }) => recording);
    return [...this.#loads, ...recordings].flatMap(({ history }) => history);
  }

  /** Acknowledged within that time, of what is called from now on, by each of the clients. */
  async goOn(withinMs: number): Promise<boolean> {
    const all = await Promise.all(this.#loads.map((load) => load.nextSuccesses(5, withinMs)));
    return all.every(Boolean);
  }
}
