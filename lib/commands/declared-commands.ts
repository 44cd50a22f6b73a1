import { type CommandShape, commandSafety } from './command-safety.ts';
import type { Safety } from './retry-decision.ts';

/** How a command may be repeated, as applications declare it. */
export type CommandClass = Exclude<Safety, 'message'>;

/** Tells the class of a command. */
export type Classify = (command: CommandShape) => Safety;

/** The classes of commands by what the application declares, and else by what is known of them. */
export function classifyBy(declared: Readonly<Record<string, CommandClass>> | undefined): Classify {
  if (declared === undefined) return commandSafety;
  // A Map, because callers choose names, `constructor` among them.
  const byName = new Map(Object.entries(declared).map(([name, safety]) => [name.toLowerCase(), safety]));
  return (command) => {
    const name = command.name.toLowerCase();
    const first = `${name} ${String(command.args[0]).toLowerCase()}`;
    return byName.get(first) ?? byName.get(name) ?? commandSafety(command);
  };
}
