import { commandSafety } from '../commands/command-safety.ts';
import type { Classify } from '../commands/declared-commands.ts';
import type { Safety } from '../commands/retry-decision.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { MembersTransaction } from './queued-member.ts';
import { type TransactionGroup, TransactionLedger } from './transaction-group.ts';
import { WaitingCommand } from './waiting-command.ts';

/** Finds the waiting command of an ioredis command: of the user's own one, or of a carrier. */
export class EntryBook {
  readonly transactions: TransactionLedger;
  readonly #classify: Classify;
  readonly #entries = new WeakMap<IoredisCommand, WaitingCommand>();

  constructor(classify: Classify = commandSafety) {
    this.#classify = classify;
    this.transactions = new TransactionLedger(classify);
  }

  find(command: IoredisCommand): WaitingCommand | undefined {
    return this.#entries.get(command);
  }

  /** The user's own command, of itself or of a carrier. */
  originalOf(command: IoredisCommand): IoredisCommand {
    return this.#entries.get(command)?.command ?? command;
  }

  safetyOf(command: IoredisCommand, group: TransactionGroup | undefined): Safety {
    return group?.safety ?? this.#classify(command);
  }

  /** The entry of a command that was sent to an endpoint, made now if this is its first failure. */
  entryOf(command: IoredisCommand, endpointId: string, group?: TransactionGroup): WaitingCommand {
    const known = this.#entries.get(command);
    if (known !== undefined) return known;
    const entry = new WaitingCommand(command, endpointId, group, this.#classify);
    this.#entries.set(command, entry);
    return entry;
  }

  /** The same for a command as it was queued. */
  entryOfItem({ command, stream }: QueuedCommand, endpointId: string): WaitingCommand {
    return this.#entries.get(command) ?? this.entryOf(command, endpointId, this.transactions.groupOf(command, stream));
  }

  /** The transaction that a command as it was queued, or the carrier of one, belongs to. */
  groupOf({ command, stream }: QueuedCommand): TransactionGroup | undefined {
    const known = this.#entries.get(command);
    return known === undefined ? this.transactions.groupOf(command, stream) : known.group;
  }

  /** The same for any transaction, also one without a pipeline. */
  transactionOf(item: QueuedCommand): MembersTransaction | undefined {
    return this.groupOf(item) ?? this.#entries.get(item.command)?.transaction;
  }

  /** A further command object that stands for the same entry. */
  register(command: IoredisCommand, entry: WaitingCommand): void {
    this.#entries.set(command, entry);
  }

  /** What has to move together with this entry: itself, or its whole transaction, in order. */
  unitOf(entry: WaitingCommand, endpointId: string): WaitingCommand[] {
    if (entry.group === undefined) return [entry];
    return this.membersOf(entry.group, endpointId);
  }

  membersOf(group: TransactionGroup, endpointId: string): WaitingCommand[] {
    return group.commands.map((command) => this.entryOf(command, endpointId, group));
  }
}
