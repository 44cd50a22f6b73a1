interface CommandShape {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Where a command has its time, and in what unit. `undefined`: it does not wait. */
type BlockingTime = (args: readonly unknown[]) => { readonly index: number; readonly unitMs: number } | undefined;

const SECONDS_LAST: BlockingTime = (args) => ({ index: args.length - 1, unitMs: 1_000 });
const SECONDS_AT =
  (index: number): BlockingTime =>
  () => ({ index, unitMs: 1_000 });
const MILLISECONDS_AT =
  (index: number): BlockingTime =>
  () => ({ index, unitMs: 1 });

/** Commands whose reply may be long in coming although all is well, and for how long by their arguments. */
const BLOCKING: ReadonlyMap<string, BlockingTime> = new Map<string, BlockingTime>([
  ...['blpop', 'brpop', 'brpoplpush', 'blmove', 'bzpopmin', 'bzpopmax'].map((name) => [name, SECONDS_LAST] as const),
  ...['bzmpop', 'blmpop'].map((name) => [name, SECONDS_AT(0)] as const),
  ...['xread', 'xreadgroup'].map((name) => [name, blockOption] as const),
  // What comes behind the time is optional.
  ['blmovem', SECONDS_AT(4)],
  ['wait', MILLISECONDS_AT(1)],
  ['waitaof', MILLISECONDS_AT(2)],
]);

/** For what they wait is what was written before over the same connection. */
const OF_THEIR_CONNECTION: ReadonlySet<string> = new Set(['wait', 'waitaof']);

/** The names of all commands that can block. */
export const BLOCKING_COMMANDS: readonly string[] = [...BLOCKING.keys()];

/** For how long a command asks the server to wait, in milliseconds: `0` if it does not, `Infinity` if without limit. */
export function blockingMs({ name, args }: CommandShape): number {
  const time = BLOCKING.get(name.toLowerCase())?.(args);
  if (time === undefined) return 0;
  const ms = Number(args[time.index]) * time.unitMs;
  // Redis takes 0 for "without limit"; what is no number at all it will refuse.
  return ms > 0 ? ms : Number.POSITIVE_INFINITY;
}

/** Changes for how long a command asks the server to wait. */
export function limitBlocking(command: { readonly name: string; readonly args: unknown[] }, ms: number): void {
  const time = BLOCKING.get(command.name.toLowerCase())?.(command.args);
  if (time !== undefined) command.args[time.index] = String(time.unitMs === 1 ? Math.ceil(ms) : ms / time.unitMs);
}

/** Whether a command blocks that does the same anywhere, whenever it begins to wait. */
export function canBeCalledOff(command: CommandShape): boolean {
  const name = command.name.toLowerCase();
  if (OF_THEIR_CONNECTION.has(name) || blockingMs(command) === 0) return false;
  return !readsFromTheEnd(command);
}

/** Whether ioredis's option `blockingTimeout` is about this one: null is a reply that it can have. */
export function isAnsweredInTime({ name }: CommandShape): boolean {
  const lowerCase = name.toLowerCase();
  return BLOCKING.has(lowerCase) && !OF_THEIR_CONNECTION.has(lowerCase);
}

/** Whether XREAD begins behind the last entry that there is when it begins: what came before is not read. */
export function readsFromTheEnd({ name, args }: CommandShape): boolean {
  return name.toLowerCase() === 'xread' && args.some((arg) => String(arg) === '$');
}

/** Without the option the reply comes at once. */
function blockOption(args: readonly unknown[]): ReturnType<BlockingTime> {
  for (const [index, arg] of args.entries()) {
    const word = String(arg).toLowerCase();
    if (word === 'streams') return undefined;
    if (word === 'block') return { index: index + 1, unitMs: 1 };
  }
  return undefined;
}
