/** A bug that is put into one place of the source. */
export interface Mutant {
  /** Relative to the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Bugs of the kinds that this package must not have. Each of them has to be caught by the simulation. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'double-send': {
    file: 'lib/commands/retry-decision.ts',
    find: 'return SAFETY_RANK[safety] <= CAP_RANK[cap];',
    replace: 'return true;',
  },
  'lost-detach': {
    file: 'lib/ioredis-internals/client-hooks.ts',
    find: 'this.#internals.resetCommandQueue();',
    replace: '',
  },
  'stale-verdict-obeyed': {
    file: 'lib/detection/suspicions.ts',
    find: 'const result = await verify(endpoint, suspicion);',
    replace: 'const result = await (endpoint.firstVerdict ??= verify(endpoint, suspicion));',
  },
  'suspicion-obeyed': {
    file: 'lib/detection/suspicions.ts',
    find: 'if (!result.ok) {\n      onVerdict(endpoint, suspicion, result, since);',
    replace:
      "if (!result.ok || suspicion === 'connection-lost') {\n      onVerdict(endpoint, suspicion, { error: new Error('lost') }, since);",
  },
  'order-broken': {
    file: 'lib/dispatch/waiting-line.ts',
    find: 'this.#returned.splice(this.#returnIndex++, 0, entry);\n    this.#enter(entry);\n  }\n\n  /** Takes a command back that was not written',
    replace:
      'this.#returned.unshift(entry);\n    this.#enter(entry);\n  }\n\n  /** Takes a command back that was not written',
  },
  'new-before-old': {
    file: 'lib/dispatch/waiting-line.ts',
    find: 'this.#returned.concat(this.#fresh)',
    replace: 'this.#fresh.concat(this.#returned)',
  },
  'pending-promise': {
    file: 'lib/ioredis-internals/client-hooks.ts',
    find: 'this.#listener.connectionLost(items);',
    replace: '',
  },
  'untrue-outcome': {
    file: 'lib/dispatch/surface.ts',
    find: "const outcome: Outcome = doubts.length > 0 ? 'maybe-executed' : 'not-executed';",
    replace: "const outcome: Outcome = 'not-executed';",
  },
  'element-lost': {
    file: 'lib/dispatch/blocked-commands.ts',
    find: 'if (reply !== null) return resolve.call(command, reply);',
    replace: '',
  },
  'not-subscribed-again': {
    file: 'lib/dispatch/connection-state.ts',
    find: 'const wanted = this.subscriptions.commands()',
    replace: 'const wanted = []',
  },
  'half-a-transaction': {
    file: 'lib/dispatch/entry-book.ts',
    find: 'if (entry.group === undefined) return [entry];',
    replace: 'return [entry];',
  },
};

export const MUTANT_NAMES: readonly string[] = Object.keys(MUTANTS);
