// Not the global ones: those are watched.
import { clearTimeout, setTimeout } from 'node:timers';

const LOOK_EVERY_MS = 10;

/** Resolves to whether the promise settled within that time. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, isOver]);
  clearTimeout(timer);
  return inTime;
}

/** Looks every few milliseconds. Resolves to whether the condition came true within that time. */
export async function holdsWithin(condition: () => boolean, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (!condition()) {
    if (performance.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}
