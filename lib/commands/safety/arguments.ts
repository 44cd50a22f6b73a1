import type { Arguments } from './safety-rule.ts';

/** An argument as Redis reads options: whatever their case. */
export function word(arg: unknown): string {
  return String(arg).toLowerCase();
}

/** Whether one of these options is among the arguments from there on. */
export function hasAny(from: number, ...options: readonly string[]): (args: Arguments) => boolean {
  return (args) => args.slice(from).some((arg) => options.includes(word(arg)));
}

/** The same for options that stand together, in front of what may be any word. */
export function begins(from: number, known: readonly string[], ...options: readonly string[]) {
  return (args: Arguments): boolean => {
    for (const arg of args.slice(from)) {
      const option = word(arg);
      if (options.includes(option)) return true;
      if (!known.includes(option)) return false;
    }
    return false;
  };
}

/** Whether an argument is this word. */
export function isWord(index: number, ...expected: readonly string[]): (args: Arguments) => boolean {
  return (args) => args.length > index && expected.includes(word(args[index]));
}

/** Whether a key is not among others: what is made of them does not depend on what was made before. */
export function isNoneOf(key: unknown, others: Arguments): boolean {
  return others.every((other) => String(other) !== String(key));
}

/** `numkeys key [key …]` at a place. */
export function countedKeys(args: Arguments, index: number): Arguments {
  return args.slice(index + 1, index + 1 + Number(args[index]));
}

/** What stands behind an option; `undefined` when that is not given. */
export function valueOf(args: Arguments, option: string, from: number): unknown {
  const index = args.findIndex((arg, i) => i >= from && word(arg) === option);
  return index < 0 ? undefined : args[index + 1];
}
