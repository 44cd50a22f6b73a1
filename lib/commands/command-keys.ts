import { SUBSCRIPTION_COMMANDS } from './subscription-commands.ts';

/** Commands that touch no data, so that they may pass any other. */
const TOUCHES_NOTHING = new Set([
  ...['ping', 'echo', 'time', 'info', 'role', 'command', 'lastsave', 'client', 'config', 'auth'],
  ...['publish', 'spublish', 'wait', 'waitaof', 'script', 'latency', 'slowlog', 'memory'],
  ...SUBSCRIPTION_COMMANDS,
]);

interface KeyedCommand {
  readonly name: string;
  getKeys(): (string | Buffer)[];
}

/** The keys that a command touches; `undefined` when it may touch any. */
export function commandKeys(command: KeyedCommand): string[] | undefined {
  let keys: (string | Buffer)[];
  try {
    keys = command.getKeys();
  } catch {
    // The table of commands cannot read these arguments. The server will say what is wrong with them.
    return undefined;
  }
  if (keys.length > 0) return keys.map((key) => (typeof key === 'string' ? key : key.toString('latin1')));
  return TOUCHES_NOTHING.has(command.name.toLowerCase()) ? [] : undefined;
}
