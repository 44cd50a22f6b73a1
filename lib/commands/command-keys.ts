import { SUBSCRIPTION_COMMANDS } from './subscription-commands.ts';

/** Commands that touch no data, so that they may pass any other. */
const TOUCHES_NOTHING = new Set([
  ...['ping', 'echo', 'time', 'info', 'role', 'command', 'lastsave', 'client', 'config', 'auth'],
  ...['wait', 'waitaof', 'script', 'latency', 'slowlog', 'memory'],
  ...SUBSCRIPTION_COMMANDS,
]);

/** Messages of one channel keep their order, as writes of one key do. */
const PUBLISHES = new Set(['publish', 'spublish']);

interface KeyedCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  getKeys(): (string | Buffer)[];
}

/** The keys that a command touches, or its channel; `undefined` when it may touch any. */
export function commandKeys(command: KeyedCommand): string[] | undefined {
  if (PUBLISHES.has(command.name.toLowerCase())) return [`channel ${latin1Of(command.args[0])}`];
  let keys: (string | Buffer)[];
  try {
    keys = command.getKeys();
  } catch {
    // The table of commands cannot read these arguments. The server will say what is wrong with them.
    return undefined;
  }
  if (keys.length > 0) return keys.map(latin1Of);
  return TOUCHES_NOTHING.has(command.name.toLowerCase()) ? [] : undefined;
}

/** The same for text and for its bytes. */
function latin1Of(name: unknown): string {
  return (Buffer.isBuffer(name) ? name : Buffer.from(String(name))).toString('latin1');
}
