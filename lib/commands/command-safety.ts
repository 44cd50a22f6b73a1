import { exists, hasFlag } from '@ioredis/commands';
import { readsFromTheEnd } from './blocking-commands.ts';
import type { Safety } from './retry-decision.ts';
import { SUBSCRIPTION_COMMANDS } from './subscription-commands.ts';

/** A command's name and its arguments as they go over the wire. */
export interface CommandShape {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Declared by the user for a script: it writes nothing. */
  readonly isReadOnly?: boolean | undefined;
}

/** Not flagged `readonly` by the command table, although they change nothing. */
const READ_ONLY = new Set([
  ...['ping', 'echo', 'time', 'info', 'dbsize', 'lastsave', 'command', 'role', 'watch', 'unwatch'],
  ...SUBSCRIPTION_COMMANDS,
]);

/** Executed twice they leave the same data and give the same reply as executed once. */
const EFFECT_AND_REPLY = new Set(['mset', 'setex', 'psetex', 'hmset', 'select']);

/** Executed twice they leave the same data, but the second reply differs. */
const EFFECT = new Set([
  ...['del', 'unlink', 'persist', 'expireat', 'pexpireat', 'expire', 'pexpire'],
  ...['sadd', 'srem', 'hset', 'hdel', 'zrem', 'zadd', 'pfadd'],
]);

/** Everybody who listens gets it as often as it is sent. */
const MESSAGES = new Set(['publish', 'spublish']);

/** Options with which a repetition meets its own first execution: the condition is judged on changed data. */
const CONDITIONS: Readonly<Record<string, ReadonlySet<string>>> = {
  set: new Set(['nx', 'xx', 'get', 'ifeq', 'ifne', 'ifdeq', 'ifdne']),
  expire: new Set(['nx', 'xx', 'gt', 'lt']),
  pexpire: new Set(['nx', 'xx', 'gt', 'lt']),
  expireat: new Set(['nx', 'xx', 'gt', 'lt']),
  pexpireat: new Set(['nx', 'xx', 'gt', 'lt']),
  zadd: new Set(['incr', 'nx', 'xx', 'gt', 'lt', 'ch']),
};

/** The class of a command, by its name and arguments. What is not known is taken for a write that must not be repeated. */
export function commandSafety(command: CommandShape): Safety {
  if (command.isReadOnly === true) return 'read-only';
  const name = command.name.toLowerCase();
  if (READ_ONLY.has(name)) return 'read-only';
  if (name === 'set') return hasCondition(name, command.args, 2) ? 'other-write' : 'effect-and-reply';
  if (MESSAGES.has(name)) return 'message';
  if (readsFromTheEnd(command)) return 'other-write';
  if (name === 'ltrim') return keepsTheHead(command.args) ? 'effect' : 'other-write';
  if (EFFECT_AND_REPLY.has(name)) return 'effect-and-reply';
  if (EFFECT.has(name)) return hasCondition(name, command.args, name === 'zadd' ? 1 : 2) ? 'other-write' : 'effect';
  return exists(name) && hasFlag(name, 'readonly') ? 'read-only' : 'other-write';
}

function hasCondition(name: string, args: readonly unknown[], from: number): boolean {
  const conditions = CONDITIONS[name];
  return conditions !== undefined && args.slice(from).some((arg) => conditions.has(String(arg).toLowerCase()));
}

/** `LTRIM k 0 n` of what `LTRIM k 0 n` left changes nothing; any other start removes again. */
function keepsTheHead(args: readonly unknown[]): boolean {
  return String(args[1]) === '0' && Number(args[2]) >= 0;
}

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
