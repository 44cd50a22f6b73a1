import type { HealthCheckVerdict } from '../../options/health-check.ts';
import type { Clock } from '../../time/clock.ts';
import type { ReplicationEnd } from './canary-end.ts';
import { ReplicationLink } from './replication-link.ts';
import type { ReplicationSettings } from './replication-options.ts';

export interface ReplicationSetup {
  /** The endpoint that is checked. */
  readonly end: ReplicationEnd;
  /** The endpoint that a failback to the one that is checked would leave; none when there is nothing to go back from. */
  readonly failbackFrom: () => ReplicationEnd | undefined;
  readonly clock: Clock;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
}

interface OpenLink {
  readonly from: ReplicationEnd;
  readonly link: ReplicationLink;
}

/**
 * Whether an endpoint and the active one replicate to each other. Connections for that are there only while the client could
 * go back to the endpoint.
 */
export class Replication {
  readonly #setup: ReplicationSetup;
  readonly #links = new Map<ReplicationSettings, OpenLink>();

  constructor(setup: ReplicationSetup) {
    this.#setup = setup;
  }

  /** Never rejects. @param settings The same object each time, for the same connections. */
  async prove(settings: ReplicationSettings, signal: AbortSignal): Promise<HealthCheckVerdict> {
    const { failbackFrom } = this.#setup;
    const from = failbackFrom();
    if (from === undefined) {
      this.close();
      return { ok: true };
    }
    const verdict = await this.#linkTo(from, settings).prove(signal);
    const now = failbackFrom();
    if (now === from) return verdict;
    // What was found out is about another pair by now.
    if (now === undefined) return { ok: true };
    return { ok: false, reason: 'replication', message: `${now.endpointId} has become active meanwhile` };
  }

  close(): void {
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
  }

  #linkTo(from: ReplicationEnd, settings: ReplicationSettings): ReplicationLink {
    const open = this.#links.get(settings);
    if (open?.from === from && open.link.isUsable) return open.link;
    open?.link.close();
    const { end, clock, random } = this.#setup;
    const { channelPrefix, timeoutMs } = settings;
    const link = new ReplicationLink({
      ends: [from, end],
      channel: `${channelPrefix}${name(random)}`,
      timeoutMs,
      clock,
    });
    this.#links.set(settings, { from, link });
    return link;
  }
}

/** One that no other process has. */
function name(random: () => number): string {
  const part = (): string => Math.floor(random() * 2 ** 48).toString(36);
  return `${part()}${part()}`;
}
