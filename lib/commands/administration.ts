import type { CommandShape } from './command-safety.ts';

/** Commands that manage a server rather than its data, and AUTH with its secrets. They are meant for the one that was active when they were called. */
const ADMINISTRATION = new Set([
  ...[
    'flushall',
    'flushdb',
    'swapdb',
    'shutdown',
    'config',
    'debug',
    'replicaof',
    'slaveof',
    'failover',
    'acl',
    'auth',
  ],
  ...['cluster', 'bgsave', 'bgrewriteaof', 'save', 'module', 'latency', 'slowlog', 'sync', 'psync', 'migrate'],
]);

/** By the command's name. A Map, because callers choose names, `constructor` among them. */
const ADMINISTRATION_SUBCOMMANDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['client', new Set(['kill', 'pause', 'unpause', 'unblock'])],
  ['script', new Set(['flush', 'kill'])],
  ['function', new Set(['flush', 'delete', 'kill', 'restore', 'load'])],
]);

/** Whether a command administers a server. Such a command never moves to another endpoint, not even unsent. */
export function isAdministration(command: CommandShape): boolean {
  const name = command.name.toLowerCase();
  if (ADMINISTRATION.has(name)) return true;
  return ADMINISTRATION_SUBCOMMANDS.get(name)?.has(String(command.args[0]).toLowerCase()) ?? false;
}
