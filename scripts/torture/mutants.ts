import { type Mutant, MUTANTS } from '../simulation/mutants.ts';

/** Bugs to put into the client's process: those of the simulation. */
export const TORTURE_MUTANTS: Readonly<Record<string, Mutant>> = MUTANTS;

export const MUTANT_NAMES: readonly string[] = Object.keys(TORTURE_MUTANTS);
