import { type Mutant, MUTANTS } from '../simulation/mutants.ts';

/** Bugs to put into the client's process: those of the simulation, and some of which it knows nothing. */
export const TORTURE_MUTANTS: Readonly<Record<string, Mutant>> = {
  ...MUTANTS,
  'watch-forgotten': {
    file: 'lib/dispatch/bound-commands.ts',
    find: 'const isConflict = watch !== undefined && !(socket !== undefined && watch.holdsOn(socket));',
    replace: 'const isConflict = false;',
  },
  'cursor-taken-along': {
    file: 'lib/dispatch/scan-cursors.ts',
    find: 'if (origin === undefined) return false;',
    replace: 'if (origin !== null) return false;',
  },
  'sockets-left': {
    file: 'lib/geo-client.ts',
    find: 'this.#connections.close();',
    replace: '',
  },
  'timers-left': {
    file: 'lib/health/health-monitor.ts',
    find: 'if (this.#isStopped) return;\n    onRound',
    replace: 'onRound',
  },
  'listeners-left': {
    file: 'lib/geo-core.ts',
    find: 'this.#isStarted = true;\n    this.controller.start();',
    replace: "this.#isStarted = true;\n    process.on('exit', () => this.stop());\n    this.controller.start();",
  },
  'memory-kept': {
    file: 'lib/dispatch/entry-book.ts',
    find: 'readonly #entries = new WeakMap<IoredisCommand, WaitingCommand>();',
    replace: "readonly #entries = (globalThis['entries'] ??= new Map());",
  },
};

export const MUTANT_NAMES: readonly string[] = Object.keys(TORTURE_MUTANTS);
