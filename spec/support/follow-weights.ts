import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { GeoFailoverRedis } from '../../lib/index.ts';

/** Keeps to the weights in a file such as `{ "eu-west": 0.1, "us-east": 1 }`. Returns what ends that. */
export function followWeights(
  redis: GeoFailoverRedis,
  file: string,
  { spreadMs = 30_000, onError = (error: unknown): void => console.error('weights not applied:', error) } = {},
): () => void {
  async function apply(): Promise<void> {
    try {
      const weights = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
      // The heaviest one first, so that no other becomes the best one in between.
      for (const [id, weight] of Object.entries(weights).sort(([, a], [, b]) => b - a)) redis.geo.setWeight(id, weight);
      await redis.geo.failback(); // now, whatever grace period, `windows` and `enabled` say
    } catch (error) {
      onError(error); // a file that cannot be read, or no good endpoint to go to: the client stays where it is
    }
  }
  let timer: NodeJS.Timeout | undefined;
  let applied = Promise.resolve();
  const soon = (): void => {
    clearTimeout(timer);
    // Not the whole fleet in one moment, and one file after the other.
    timer = setTimeout(() => void (applied = applied.then(apply)), Math.random() * spreadMs).unref();
  };
  // The directory, because a file is replaced rather than changed, by editors and by Kubernetes.
  const watcher = watch(dirname(file), { persistent: false }, soon);
  process.on('SIGHUP', soon);
  return () => {
    clearTimeout(timer);
    watcher.close();
    process.off('SIGHUP', soon);
  };
}
