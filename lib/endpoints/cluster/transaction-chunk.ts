import { ReplyError } from 'ioredis';
import { isNamed } from '../../commands/is-named.ts';
import { keySlot } from '../../commands/key-slot.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { Redirection } from './redirection.ts';

const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";
const ABORTED = 'EXECABORT Transaction discarded because of previous errors.';

/** A pipeline's MULTI … EXEC, which goes to one node, in one write, or not at all. */
export class TransactionChunk {
  readonly items: readonly QueuedCommand[];
  /** Where the node said that it belongs. The node executes nothing of it then. */
  redirection: Redirection | undefined;
  /** Keys were watched for it by the node that it was sent to. */
  isWatched = false;

  constructor(items: readonly QueuedCommand[]) {
    this.items = items;
  }

  /** For another attempt. */
  again(): TransactionChunk {
    return new TransactionChunk(this.items);
  }

  /** The slots of all of its keys. */
  get slots(): number[] {
    const keys = this.items.flatMap(({ command }) => keysOf(command));
    return [...new Set(keys.map(keySlot))];
  }

  isLast({ command }: QueuedCommand): boolean {
    return this.items.at(-1)?.command === command;
  }

  /** Its keys are on several nodes, none of which would execute it. */
  refuseAsCrossSlot(): void {
    this.#answer(new Map(), (exec) => exec.reject(replyError(CROSS_SLOT)));
  }

  /** What was watched is watched no more. It fails as it does when another client was faster. */
  refuseAsConflict(): void {
    this.#answer(new Map(), (exec) => exec.resolve(null));
  }

  /** Some of its commands cannot be executed. As with a server, all is discarded then. */
  refuseFor(errors: ReadonlyMap<QueuedCommand, Error>): void {
    this.#answer(errors, (exec) => exec.reject(replyError(ABORTED)));
  }

  #answer(errors: ReadonlyMap<QueuedCommand, Error>, answerExec: (exec: IoredisCommand) => void): void {
    for (const item of this.items) {
      const { command } = item;
      const error = errors.get(item);
      if (error !== undefined) command.reject(error);
      else if (this.isLast(item)) answerExec(command);
      else command.resolve(Buffer.from(isNamed(command.name, 'multi') ? 'OK' : 'QUEUED'));
    }
  }
}

/** Puts together what a pipeline sends one by one. */
export class TransactionCollector {
  readonly #onComplete: (chunk: TransactionChunk) => void;
  #items: QueuedCommand[] | undefined;

  constructor(onComplete: (chunk: TransactionChunk) => void) {
    this.#onComplete = onComplete;
  }

  /** @returns whether the command is part of a transaction, which goes when it is complete. */
  takes(item: QueuedCommand): boolean {
    const { name, inTransaction } = item.command;
    if (this.#items === undefined) {
      if (!inTransaction || !isNamed(name, 'multi')) return false;
      const items = [item];
      this.#items = items;
      // Whoever sends MULTI by hand may never send EXEC, and waits for what the server says of it.
      queueMicrotask(() => this.#complete(items));
      return true;
    }
    this.#items.push(item);
    if (!inTransaction) this.#complete(this.#items);
    return true;
  }

  #complete(items: readonly QueuedCommand[]): void {
    if (this.#items !== items) return;
    this.#items = undefined;
    this.#onComplete(new TransactionChunk(items));
  }
}

/** Of arguments that the table of commands cannot read the server will say what is wrong. */
export function keysOf(command: { getKeys(): (string | Buffer)[] }): (string | Buffer)[] {
  try {
    return command.getKeys();
  } catch {
    return [];
  }
}

/** As if a server had said so. */
function replyError(message: string): Error {
  return new (ReplyError as new (text: string) => Error)(message);
}
