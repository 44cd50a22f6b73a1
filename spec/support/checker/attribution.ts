import type { ExecutedCommand } from './aof.ts';
import { operationIdsIn, type Operation } from './history.ts';

/** What one server executed, in its own order. */
export interface ServerLog {
  readonly name: string;
  readonly executed: readonly ExecutedCommand[];
}

export interface Execution {
  readonly server: string;
  readonly order: number;
  readonly transaction?: number;
  /** After an RPUSH to a list that only RPUSHes touched: the length that the server must have answered. */
  readonly listLength?: number;
}

// These reach the log under their own name; anything else (scripts, rewritten commands) may appear as any write.
const VERBATIM = new Set('SET INCR DECR RPUSH LPUSH SADD SREM HSET HDEL DEL UNLINK APPEND ZADD LPOP RPOP'.split(' '));

// All their arguments are keys, so that an id in the first one counts as much as an id in the others.
const KEYS_ONLY = new Set(['DEL', 'UNLINK']);

const SCRIPTS = new Set(['EVAL', 'EVALSHA', 'FCALL']);

/** Which executions each operation of the history had, by the id in the command's values or else in its key. */
export function attribute(
  history: readonly Operation[],
  servers: readonly ServerLog[],
): ReadonlyMap<string, readonly Execution[]> {
  const operations = new Map<string, Operation>();
  for (const operation of history) {
    if (operations.has(operation.id)) throw new Error(`two operations of the history are called ${operation.id}`);
    operations.set(operation.id, operation);
  }
  const executions = new Map<string, Execution[]>();
  for (const server of servers) {
    const lists = new ListLengths();
    for (const command of server.executed) {
      const listLength = lists.apply(command);
      for (const id of idsOf(command, operations)) {
        const known = executions.get(id) ?? [];
        if (isSameScriptRun(operations.get(id), command, known.at(-1), server.name)) continue;
        known.push({
          server: server.name,
          order: command.order,
          ...(command.transaction !== undefined && { transaction: command.transaction }),
          ...(listLength !== undefined && { listLength }),
        });
        executions.set(id, known);
      }
    }
  }
  return executions;
}

function idsOf(command: ExecutedCommand, operations: ReadonlyMap<string, Operation>): Set<string> {
  const ofThisCommand = (texts: readonly string[]) =>
    new Set(
      texts.flatMap(operationIdsIn).filter((id) => {
        const operation = operations.get(id);
        if (!operation || operation.safety === 'read-only') return false;
        return !VERBATIM.has(operation.command) || operation.command === command.name;
      }),
    );
  // A key can name another operation than the value: `SET del:<id of the DEL> <id of the SET>`.
  const inValues = KEYS_ONLY.has(command.name) ? new Set<string>() : ofThisCommand(command.args.slice(1));
  return inValues.size > 0 ? inValues : ofThisCommand(command.args);
}

/** One run of a script is one execution, however many writes it made: Redis logs them as one transaction. */
function isSameScriptRun(
  operation: Operation | undefined,
  command: ExecutedCommand,
  last: Execution | undefined,
  server: string,
): boolean {
  if (!operation || !SCRIPTS.has(operation.command) || command.transaction === undefined) return false;
  return last?.server === server && last.transaction === command.transaction;
}

/** Follows the lengths of lists to which nothing but RPUSH happened. */
class ListLengths {
  readonly #lengths = new Map<string, number>();
  readonly #touched = new Set<string>();
  #whole = true;

  apply({ name, args, db }: ExecutedCommand): number | undefined {
    if (name === 'FLUSHALL' || name === 'FLUSHDB' || name === 'SWAPDB') this.#whole = false;
    if (name !== 'RPUSH') {
      for (const argument of args) this.#touched.add(`${db}:${argument}`);
      return undefined;
    }
    const list = `${db}:${args[0] ?? ''}`;
    const length = (this.#lengths.get(list) ?? 0) + args.length - 1;
    this.#lengths.set(list, length);
    return this.#whole && !this.#touched.has(list) ? length : undefined;
  }
}
