import type { Preset } from '../../lib/index.ts';

/** How much each preset promises to bear without leaving an endpoint. */
export interface Disturbance {
  /** How long a command may block the server, in seconds, as DEBUG SLEEP takes them. */
  readonly serverBlockSeconds: string;
  /** How much longer every twentieth reply takes. */
  readonly spikeMs: number;
  /**
   * How often writes that are refused for five minutes make the client leave the endpoint and go back, with a grace period
   * that doubles each time: 30 s, 60 s, 300 s at first.
   */
  readonly mostSwitches: number;
}

export const DISTURBANCES: Readonly<Record<Preset, Disturbance>> = {
  fast: { serverBlockSeconds: '0.15', spikeMs: 100, mostSwitches: 7 },
  balanced: { serverBlockSeconds: '0.7', spikeMs: 200, mostSwitches: 5 },
  conservative: { serverBlockSeconds: '2', spikeMs: 200, mostSwitches: 1 },
};
