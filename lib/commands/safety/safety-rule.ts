import type { Safety } from '../retry-decision.ts';

export type Arguments = readonly unknown[];

/** A class that a command has when something holds for its arguments. */
export interface SafetyCase {
  readonly safety: Safety;
  /** In words, behind the command's name. */
  readonly when: string;
  readonly holds: (args: Arguments) => boolean;
}

/** The first case that holds counts. */
export interface SafetyRule {
  readonly cases: readonly SafetyCase[];
  readonly otherwise: Safety;
}

/** By a command's name in lower case. */
export type SafetyTable = readonly (readonly [names: string, safety: Safety | SafetyRule])[];

export function when(words: string, holds: SafetyCase['holds'], safety: Safety): SafetyCase {
  return { when: words, holds, safety };
}

/** For commands of which some arguments make a write that must not be repeated. */
export function unless(words: string, holds: SafetyCase['holds'], safety: Safety): SafetyRule {
  return { cases: [when(words, holds, 'other-write')], otherwise: safety };
}

/** For commands that are safe to repeat in particular cases only. */
export function onlyWhen(words: string, holds: SafetyCase['holds'], safety: Safety): SafetyRule {
  return { cases: [when(words, holds, safety)], otherwise: 'other-write' };
}

export function safetyBy(entry: Safety | SafetyRule, args: Arguments): Safety {
  if (typeof entry === 'string') return entry;
  return entry.cases.find(({ holds }) => holds(args))?.safety ?? entry.otherwise;
}
