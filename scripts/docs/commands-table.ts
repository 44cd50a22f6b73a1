import { list } from '@ioredis/commands';
import { isAdministration } from '../../lib/commands/administration.ts';
import { BLOCKING_COMMANDS } from '../../lib/commands/blocking-commands.ts';
import { SAFETY_TABLE, commandSafety } from '../../lib/commands/command-safety.ts';
import type { Safety } from '../../lib/commands/retry-decision.ts';
import type { SafetyRule } from '../../lib/commands/safety/safety-rule.ts';
import { specialCommand } from '../../lib/commands/special-commands.ts';

const CLASSES: Readonly<Record<Safety, string>> = {
  'read-only': 'read-only',
  'effect-and-reply': 'same effect and reply',
  effect: 'same effect, other reply',
  message: 'message',
  'other-write': 'other write',
};

const HEAD = `# How each command is treated

Written by \`npm run docs\` from the tables that the client itself goes by.

**Class**: what becomes of a command that may have been executed, see [What is retried, and what is not](../README.md#what-is-retried-and-what-is-not).
A command that is not here is an other write; \`retry.commands\` declares your own. A *message* is an other write, except that with
\`topology: 'independent'\` it is sent to another endpoint.

**Administration** never moves to another endpoint, not even unsent. What **blocks** is never taken for silence, and is called off upon a planned
switch. What is **bound to its connection** goes over one connection together with the commands that belong to it, or not at all. What is **refused**
cannot be used through this client.

| Command | Class | Remarks |
|---|---|---|
`;

const RULES: ReadonlyMap<string, Safety | SafetyRule> = new Map(
  SAFETY_TABLE.flatMap(([names, safety]) => names.split(' ').map((name) => [name, safety] as const)),
);

/** Redis's own commands, and those of modules that are known. */
export function documentedCommands(): string[] {
  return [...new Set([...list, ...RULES.keys()])].sort();
}

/** The page that tells how each command is treated. */
export function commandsPage(): string {
  const rows = documentedCommands().map(
    (name) => `| \`${name.toUpperCase()}\` | ${classOf(name)} | ${remarksOn(name)} |`,
  );
  return `${HEAD}${rows.join('\n')}\n`;
}

function classOf(name: string): string {
  const rule = RULES.get(name);
  if (rule === undefined || typeof rule === 'string') return CLASSES[commandSafety({ name, args: [] })];
  const cases = rule.cases.map(({ safety, when }) => `${CLASSES[safety]} ${behind(when)}`);
  return [...cases, `else ${CLASSES[rule.otherwise]}`].join('; ');
}

/** Cases are told as "with X", or by subcommands. */
function behind(when: string): string {
  return /^(?:with|without|from|the) /.test(when) ? when.replace(/^the /, 'if the ') : `for ${when}`;
}

function remarksOn(name: string): string {
  const special = specialCommand(name);
  const remarks = [
    isAdministration({ name, args: [] }) && 'administration',
    name === 'client' && '`KILL`, `PAUSE`, `UNPAUSE`, `UNBLOCK`: administration; `REPLY`: refused',
    name === 'script' && '`FLUSH`, `KILL`: administration',
    name === 'function' && '`FLUSH`, `DELETE`, `KILL`, `RESTORE`, `LOAD`: administration',
    name === 'xread' && 'other write if it blocks from `$` on',
    BLOCKING_COMMANDS.includes(name) && 'can block',
    special === 'transaction' && 'bound to its connection',
    (name === 'wait' || name === 'waitaof') && 'bound to its connection',
    special === 'subscription' && 'subscribed again on every other connection',
    special === 'select' && 'selected again on every other connection',
    special === 'refused' && 'refused',
  ];
  return remarks.filter((remark) => remark !== false).join('; ');
}
