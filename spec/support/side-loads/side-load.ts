import type { GeoFailoverRedis } from '../../../lib/index.ts';

/** A load of its own kind beside the main one: its rules are not those of single operations. */
export interface SideLoad<R> {
  /** What was seen so far, as plain data. */
  readonly result: R;
  /** Begins nothing new, and resolves when everything has settled. */
  stop(): Promise<void>;
}

/** A client of its own, of which nobody needs to hear errors. */
export function duplicateOf(client: GeoFailoverRedis): GeoFailoverRedis {
  const duplicate = client.duplicate() as GeoFailoverRedis;
  duplicate.on('error', () => undefined);
  return duplicate;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Repeats something until it is stopped, on a client of its own. What it throws is its own affair. */
export function repeat(
  client: GeoFailoverRedis,
  turn: (client: GeoFailoverRedis, count: number) => Promise<void>,
  pauseMs: number,
): { stop(): Promise<void> } {
  const duplicate = duplicateOf(client);
  let isStopped = false;
  const run = async (): Promise<void> => {
    for (let count = 0; !isStopped; count++) {
      await turn(duplicate, count);
      await pause(pauseMs);
    }
    await duplicate.quit();
  };
  const ended = run();
  return {
    stop() {
      isStopped = true;
      return ended;
    },
  };
}

/** Whether an error says that a command may have been executed, or says nothing of it. */
export function leavesDoubt(error: unknown): boolean {
  const { outcome, geo } = error as { outcome?: string; geo?: { outcome?: string } };
  return (outcome ?? geo?.outcome) !== 'not-executed';
}
