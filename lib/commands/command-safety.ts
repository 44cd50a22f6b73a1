import { exists, hasFlag } from '@ioredis/commands';
import { readsFromTheEnd } from './blocking-commands.ts';
import type { Safety } from './retry-decision.ts';
import { DATA_COMMANDS } from './safety/data-commands.ts';
import { MODULE_COMMANDS } from './safety/module-commands.ts';
import { OTHER_COMMANDS } from './safety/other-commands.ts';
import { type SafetyRule, type SafetyTable, safetyBy } from './safety/safety-rule.ts';

/** A command's name and its arguments as they go over the wire. */
export interface CommandShape {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Declared by the user for a script: it writes nothing. */
  readonly isReadOnly?: boolean | undefined;
}

/** Every command whose class is not told by Redis's own flags, in the order in which the documentation shows them. */
export const SAFETY_TABLE: SafetyTable = [...DATA_COMMANDS, ...OTHER_COMMANDS, ...MODULE_COMMANDS];

/** A Map, because callers choose names, `constructor` among them. */
const BY_NAME: ReadonlyMap<string, Safety | SafetyRule> = new Map(
  SAFETY_TABLE.flatMap(([names, safety]) => names.split(' ').map((name) => [name, safety] as const)),
);

/** The class of a command, by its name and arguments. What is not known is taken for a write that must not be repeated. */
export function commandSafety(command: CommandShape): Safety {
  if (command.isReadOnly === true) return 'read-only';
  if (readsFromTheEnd(command)) return 'other-write';
  const name = command.name.toLowerCase();
  const known = BY_NAME.get(name);
  if (known !== undefined) return safetyBy(known, command.args);
  return exists(name) && hasFlag(name, 'readonly') ? 'read-only' : 'other-write';
}
