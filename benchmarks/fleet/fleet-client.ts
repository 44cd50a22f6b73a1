import { GeoCore } from '../../lib/geo-core.ts';
import { GeoEvents } from '../../lib/geo-events.ts';
import type { EndpointSwitchedEvent } from '../../lib/index.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { type Random } from '../../spec/support/checker/random.ts';
import { FleetMember, type RegionRoute } from './fleet-member.ts';
import type { RegionConnection } from './region.ts';
import type { Scenario } from './scenarios.ts';

export interface FleetClientSetup {
  readonly scenario: Scenario;
  readonly random: Random;
  /** From the most preferred one. */
  readonly routes: ReadonlyMap<string, RegionRoute>;
  readonly duplicates: number;
  readonly onSwitch: (event: EndpointSwitchedEvent) => void;
}

/** One process of the fleet: the package's core, with its checks, verifications, rules and controller. */
export class FleetClient {
  readonly core: GeoCore;
  readonly member: FleetMember;

  constructor({ scenario, random, routes, duplicates, onSwitch }: FleetClientSetup) {
    const { preset, jitterMs } = scenario;
    const options = resolveOptions({
      endpoints: [...routes].map(([id, route], i) => ({ id, weight: 1 / (i + 1), redis: probeFactory(route) })),
      preset,
      ...(jitterMs !== undefined && { failback: { jitterMs } }),
    });
    const events = new GeoEvents();
    events.on('endpointSwitched', onSwitch);
    this.core = new GeoCore(options, systemClock, random, events);
    this.member = new FleetMember(this.core, routes, duplicates);
  }

  start(): void {
    this.core.join(this.member);
    this.member.start();
    this.core.start();
  }

  stop(): void {
    this.core.stop();
    this.member.stop();
  }
}

/** What the checks make their connections with: a client that can only be asked whether it is there. */
function probeFactory({ region, roundTripMs }: RegionRoute): () => never {
  const create = (): { ping(): Promise<string> } => {
    let connection: Promise<RegionConnection> | undefined;
    return { ping: async () => (await (connection ??= region.connect(roundTripMs))).ping() };
  };
  // Clients without a wire protocol are not in the type, as ioredis-mock has the type of ioredis.
  return create as unknown as () => never;
}
