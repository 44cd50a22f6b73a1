/** A bug that is put into the source. */
export interface Mutant {
  /** Relative to the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** A second place, where otherwise somebody makes up for the first. */
  readonly also?: Mutant;
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
    find: 'this.#returned.splice(this.#returnedOfLast++, 0, entry);',
    replace: 'this.#returned.unshift(entry);',
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
    find: 'return commands.map((command) => this.#subscribe(connection, command));',
    replace: 'this.#deaf.delete(kind);\n      return [];',
  },
  'half-a-transaction': {
    file: 'lib/dispatch/entry-book.ts',
    find: 'if (entry.group === undefined) return [entry];',
    replace: 'return [entry];',
  },
  'message-repeated': { file: 'lib/commands/retry-decision.ts', find: 'message: 4,', replace: 'message: 2,' },
  'socket-not-reset': { file: 'lib/ioredis-internals/client-hooks.ts', find: 'else resetSocket(stream);', replace: '' },
  'epoch-ignored': {
    file: 'lib/dispatch/socket.ts',
    find: ' && a.epoch === b.epoch',
    replace: '',
  },
  'late-reply-accepted': {
    file: 'lib/dispatch/sender.ts',
    find: 'if (entry.attempt !== attempt) return;',
    replace: '',
    also: {
      file: 'lib/ioredis-internals/client-hooks.ts',
      find: 'this.#internals.resetCommandQueue();',
      replace: '',
    },
  },
  'deadline-never-fires': {
    file: 'lib/dispatch/waiting-line.ts',
    find: 'const isDue = due <= now ||',
    replace: 'const isDue =',
  },
  'watch-ignored': {
    file: 'lib/dispatch/bound-commands.ts',
    find: 'const isConflict = watch !== undefined &&',
    replace: 'const isConflict = false &&',
  },
  'transaction-not-bound': {
    file: 'lib/dispatch/bound-commands.ts',
    find: 'const isLost = transaction !== undefined &&',
    replace: 'const isLost = false &&',
  },
  'cursor-of-another': {
    file: 'lib/dispatch/scan-cursors.ts',
    find: 'if (origin === undefined) return false;',
    replace: 'return false;',
  },
  'database-forgotten': {
    file: 'lib/dispatch/selected-database.ts',
    find: 'return connection.database === this.#wantedOn(connection);',
    replace: 'return true;',
  },
  'administration-moved': {
    file: 'lib/dispatch/admission.ts',
    find: "if (bound !== undefined) return { code: 'GEO_NOT_MOVABLE', endpointId: bound };",
    replace: '',
  },
  'refused-write-behind': {
    file: 'lib/dispatch/refusal-episode.ts',
    find: 'this.#giveUp(overtaken);\n      return deliver();',
    replace: 'return deliver();',
  },
  'read-before-write': {
    file: 'lib/dispatch/refusal-episode.ts',
    find: 'this.#keepRead(item, deliver);',
    replace: 'deliver();',
  },
  'overtaken-write-behind': {
    file: 'lib/dispatch/failed-attempts.ts',
    find: "const isTooLate = head.safety !== 'read-only' &&",
    replace: 'const isTooLate = false &&',
  },
  'report-without-moved': {
    file: 'lib/failover/planned-switch.ts',
    find: 'moved = sum([...held].map((participant) => participant.release()));',
    replace: 'moved = 0 * sum([...held].map((participant) => participant.release()));',
  },
  'report-without-interrupted': {
    file: 'lib/failover/planned-switch.ts',
    find: 'interrupted: sum(drains.map(({ unanswered }) => unanswered)),',
    replace: 'interrupted: 0,',
  },
};

export const MUTANT_NAMES: readonly string[] = Object.keys(MUTANTS);
