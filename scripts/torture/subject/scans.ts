import type { GeoFailoverRedis } from '../../../lib/index.ts';
import { pause, type SideLoad } from '../../../spec/support/side-loads/side-load.ts';
import type { ScansResult } from '../protocol.ts';

const PAUSE_MS = 50;
const COUNT = 500;

/** One stream of keys after the other. Whatever is switched meanwhile, a stream that ends has told every key that was there. */
export function startScans(client: GeoFailoverRedis, keys: number): SideLoad<ScansResult> {
  const result: ScansResult = { complete: 0, lacking: [] };
  let isStopped = false;

  const scan = async (): Promise<void> => {
    const seen = new Set<string>();
    for await (const page of client.scanStream({ match: 'scanned:*', count: COUNT })) {
      for (const key of page as string[]) seen.add(key);
    }
    result.complete++;
    if (seen.size < keys) result.lacking.push(`stream ${result.complete}: ${seen.size} of ${keys} keys`);
  };
  const scanAll = async (): Promise<void> => {
    while (!isStopped) {
      await scan().catch(() => undefined);
      await pause(PAUSE_MS);
    }
  };
  const ended = scanAll();
  return {
    result,
    stop() {
      isStopped = true;
      return ended;
    },
  };
}
