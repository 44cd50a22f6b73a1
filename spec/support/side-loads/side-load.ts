import type { GeoFailoverRedis } from '../../../lib/index.ts';

/** A load of its own kind beside the main one: its rules are not those of single operations. */
export interface SideLoad<R> {
  /** What was seen so far, as plain data. */
  readonly result: R;
  /** Begins nothing new, and resolves when everything has settled. */
  stop(): Promise<void>;
}

export function duplicateOf(client: GeoFailoverRedis): GeoFailoverRedis {
  const duplicate = client.duplicate() as GeoFailoverRedis;
  duplicate.on('error', () => undefined);
  return duplicate;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
