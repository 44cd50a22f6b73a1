import type { Delays, Direction, Pace } from './types.ts';

/** "both" means half of it each way, so that a round trip takes `ms`. */
export function split(ms: number, direction: Direction): Delays {
  if (direction === 'both') return { toServer: ms / 2, toClient: ms / 2 };
  return direction === 'toServer' ? { toServer: ms, toClient: 0 } : { toServer: 0, toClient: ms };
}

/** Nothing but the latency. */
export function usualPace(latency: Delays): Pace {
  return { delays: latency, spikes: { share: 0, ms: 0 }, drip: { toServer: 0, toClient: 0 }, replyBytes: Infinity };
}

export function slower(latency: Delays, added: Delays): Delays {
  return { toServer: latency.toServer + added.toServer, toClient: latency.toClient + added.toClient };
}
