import { isNamed } from '../commands/is-named.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import type { Binding } from './binding.ts';
import { OpenTransaction } from './open-transaction.ts';
import type { Socket } from './socket.ts';
import type { WaitingCommand } from './waiting-command.ts';
import { Watch } from './watch.ts';

/** Knows which commands a server has to get over one connection, because of what it keeps for that. */
export class BoundCommands {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onUnbound: () => void;
  #watch: Watch | undefined;
  #transaction: OpenTransaction | undefined;
  #isExpected = false;
  /** Those whose end was not sent yet. */
  #bindings: Binding[] = [];

  /** @param onUnbound Commands are bound no more, without a further command. */
  constructor(clock: Pick<Clock, 'now'>, onUnbound: () => void) {
    this.#clock = clock;
    this.#onUnbound = onUnbound;
  }

  /** Whether commands are bound now. They all go through the line then, where it is seen what each of them belongs to. */
  get isBinding(): boolean {
    return this.#isExpected || this.#watch !== undefined || this.#transaction !== undefined;
  }

  /** Whether a command that is called now is one of a transaction's without a pipeline. */
  get isInTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** @returns whether this command, which is called next, binds those behind it. */
  expect({ name, inTransaction }: IoredisCommand): boolean {
    const begins = isNamed(name, 'watch') || (isNamed(name, 'multi') && !inTransaction);
    this.#isExpected ||= begins;
    return begins;
  }

  /**
   * To be called with every command that goes through the line, in the order of their calls.
   *
   * @returns whether it is bound.
   */
  bind(entry: WaitingCommand): boolean {
    if (!this.isBinding) return false;
    const name = entry.command.name.toLowerCase();
    this.#isExpected = false;
    this.#bindings = this.#bindings.filter(({ isEnded }) => !isEnded);
    if (this.#transaction !== undefined && this.#isOverBy(name, this.#transaction)) this.#unbind(); // rare: lost-transaction-never-ended
    if (this.#transaction === undefined) this.#bindOutside(entry, name);
    else this.#bindInside(entry, name, this.#transaction);
    return true;
  }

  /** Another endpoint is active now: whatever was begun on the other one is not taken up again. */
  leave(): void {
    for (const binding of this.#bindings) binding.leave();
  }

  #bindInside(entry: WaitingCommand, name: string, transaction: OpenTransaction): void {
    entry.transaction = transaction;
    transaction.add(entry.command);
    if (name === 'exec' || name === 'discard') this.#unbind();
  }

  #bindOutside(entry: WaitingCommand, name: string): void {
    const { command, group } = entry;
    if (name === 'watch' && group === undefined) {
      this.#watch ??= this.#beginWatch();
      this.#watch.add(command);
      entry.watch = this.#watch;
    } else if (name === 'multi' && group === undefined) {
      this.#transaction = this.#remember(new OpenTransaction(command, this.#watch, this.#clock));
      entry.transaction = this.#transaction;
    } else if (name === 'multi' && group !== undefined) {
      group.watch = this.#watch;
    } else if (name === 'unwatch' || name === 'exec' || name === 'discard') {
      entry.watch = this.#watch;
      this.#watch = undefined;
    }
  }

  /** A client whose lost transaction nobody ends must be of use again: by what begins anew, or after a while. */
  #isOverBy(name: string, transaction: OpenTransaction): boolean {
    if (name === 'exec' || name === 'discard') return false;
    return ((name === 'multi' || name === 'watch') && transaction.isLost) || transaction.isPast;
  }

  #unbind(): void {
    this.#transaction = undefined;
    this.#watch = undefined;
  }

  #beginWatch(): Watch {
    const watch = new Watch(() => {
      if (this.#watch !== watch) return;
      this.#watch = undefined;
      this.#onUnbound();
    });
    return this.#remember(watch);
  }

  #remember<B extends Binding>(binding: B): B {
    this.#bindings.push(binding);
    return binding;
  }
}

/**
 * - `conflict`: what was watched is watched no more. The transaction fails as it does when another client was faster.
 * - `lost`: the transaction's beginning is lost. What is left of it would be executed by itself.
 * - `ambiguous`: EXEC was sent, and it is not known what became of it.
 */
export type BoundFate = 'conflict' | 'lost' | 'ambiguous';

/**
 * What becomes of a command, or of a pipeline's transaction, that may be bound to another connection.
 *
 * @param socket Where it would be sent to; `undefined` for any that is not the one it was sent over.
 * @returns `undefined` when it may go there.
 */
export function boundFate(unit: readonly WaitingCommand[], socket: Socket | undefined): BoundFate | undefined {
  const [first] = unit;
  const watch = first?.group?.watch ?? first?.transaction?.watch;
  const transaction = first?.transaction;
  const isConflict = watch !== undefined && !(socket !== undefined && watch.holdsOn(socket));
  const isLost = transaction !== undefined && !(socket !== undefined && !transaction.isLostOn(socket));
  if (!isConflict && !isLost) return undefined;
  const mayHaveRun = unit.some(({ doubts }) => doubts.length > 0) && transaction?.isExecSent !== false;
  if (mayHaveRun && unit.at(-1)?.safety !== 'read-only') return 'ambiguous'; // rare: bound-exec-in-doubt
  return watch === undefined ? 'lost' : 'conflict';
}

/** Answers a transaction as a server does when a watched key has changed. */
export function settleAsConflict(unit: readonly WaitingCommand[]): void {
  // rare: watched-keys-lost
  for (const { command, group, transaction } of unit) {
    (group?.watch ?? transaction?.watch)?.giveUp();
    if (isSettled(command)) continue;
    if (isNamed(command.name, 'exec')) command.resolve(null);
    else command.resolve(Buffer.from(isNamed(command.name, 'multi') ? 'OK' : 'QUEUED'));
  }
}
