import type { Redis } from 'ioredis';
import { isGeoFailoverError } from '../errors.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type ScanCallback = (error: Error | null, reply?: unknown) => void;
type Scan = (args: readonly unknown[], callback: ScanCallback) => unknown;

/** By method, the command that each page is read with. */
const STREAMS: Readonly<Record<string, string>> = Object.fromEntries(
  ['scan', 'sscan', 'hscan', 'zscan'].flatMap((command) => [
    [`${command}Stream`, command],
    [`${command}BufferStream`, `${command}Buffer`],
  ]),
);

/**
 * `scanStream()` and its like, which begin again when their cursor is lost because another endpoint is active: a stream
 * has no other way to reach every key, and SCAN may bring a key more than once anyway.
 */
export function restartingScanStreams(target: Redis): Record<string, AnyFunction> {
  const methods = target as unknown as Readonly<Record<string, AnyFunction>>;
  return Object.fromEntries(
    Object.entries(STREAMS).map(([method, command]) => {
      const original = methods[method] as AnyFunction;
      // It does not inherit from the instance: V8 would take that for a prototype, and be slow with it ever after.
      const scanner: unknown = Object.create(Object.getPrototypeOf(target) as object, {
        [command]: { value: restarting(methods, command) },
      });
      const open = (...args: unknown[]): unknown => Reflect.apply(original, scanner, args);
      const { length } = original;
      return [method, Object.defineProperties(open, { name: { value: method }, length: { value: length } })];
    }),
  );
}

function restarting(methods: Readonly<Record<string, AnyFunction>>, command: string): Scan {
  // The stream puts the key, if there is one, before the cursor.
  const cursorAt = command.startsWith('scan') ? 0 : 1;
  return (args, callback) => {
    const scan = (page: readonly unknown[]): unknown =>
      (methods[command] as Scan).call(methods, page, (error, reply) => {
        if (isGeoFailoverError(error, 'GEO_CURSOR_LOST')) scan(args.with(cursorAt, '0'));
        else callback(error, reply);
      });
    return scan(args);
  };
}
