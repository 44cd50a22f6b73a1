interface CommandShape {
  readonly name: string;
  readonly args: readonly unknown[];
}

type BlockingTime = (args: readonly unknown[]) => number;

const SECONDS_LAST: BlockingTime = (args) => forever(Number(args.at(-1)) * 1_000);
const SECONDS_FIRST: BlockingTime = (args) => forever(Number(args[0]) * 1_000);

/** Commands whose reply may be long in coming although all is well, and for how long by their arguments. */
const BLOCKING: ReadonlyMap<string, BlockingTime> = new Map<string, BlockingTime>([
  ...['blpop', 'brpop', 'brpoplpush', 'blmove', 'bzpopmin', 'bzpopmax'].map((name) => [name, SECONDS_LAST] as const),
  ...['bzmpop', 'blmpop'].map((name) => [name, SECONDS_FIRST] as const),
  ...['xread', 'xreadgroup'].map((name) => [name, blockOption] as const),
  ['blmovem', () => Number.POSITIVE_INFINITY],
  ['wait', (args) => forever(Number(args[1]))],
  ['waitaof', (args) => forever(Number(args[2]))],
]);

/** For how long a command asks the server to wait, in milliseconds: `0` if it does not, `Infinity` if without limit. */
export function blockingMs(command: CommandShape): number {
  return BLOCKING.get(command.name.toLowerCase())?.(command.args) ?? 0;
}

/** Without the option the reply comes at once. */
function blockOption(args: readonly unknown[]): number {
  for (const [index, arg] of args.entries()) {
    const word = String(arg).toLowerCase();
    if (word === 'streams') return 0;
    if (word === 'block') return forever(Number(args[index + 1]));
  }
  return 0;
}

/** Redis takes 0 for "without limit"; what is no number at all it will refuse. */
function forever(ms: number): number {
  return ms > 0 ? ms : Number.POSITIVE_INFINITY;
}
