import type { AsyncResource } from 'node:async_hooks';
import { isAdministration } from '../commands/administration.ts';
import { commandSafety } from '../commands/command-safety.ts';
import type { Classify } from '../commands/declared-commands.ts';
import type { FailureKind, Safety } from '../commands/retry-decision.ts';
import type { Connection } from '../endpoints/connection.ts';
import { isReplaced } from '../endpoints/replaced-connections.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { Database } from './selected-database.ts';
import type { TransactionGroup } from './transaction-group.ts';
import type { Watch } from './watch.ts';

/** What happened to the latest attempt of a command. */
export interface AttemptFailure {
  readonly kind: Exclude<FailureKind, 'answered' | 'not-sent'>;
  readonly endpointId: string;
  readonly connection?: Connection | undefined;
  readonly epoch: number;
  /** The server's reply, or why the connection ended. */
  readonly error: Error | undefined;
}

/** Whether the attempt was made on the endpoint that has this id now. */
export function isOf({ endpointId, connection }: AttemptFailure, id: string | undefined): boolean {
  return endpointId === id && (connection === undefined || !isReplaced(connection));
}

const NO_DOUBTS: readonly AttemptFailure[] = [];

/** A command that could not be sent, or whose attempt failed. Healthy commands never get one of these. */
export class WaitingCommand {
  readonly command: IoredisCommand;
  readonly group: TransactionGroup | undefined;
  /** The endpoint that a command of administration was meant for. */
  readonly boundTo: string | undefined;
  /** Whether the user's own object was handed to a client before: from then on carriers go. */
  sent = false;
  /** Attempts that failed. */
  failures = 0;
  failure: AttemptFailure | undefined;
  /** Attempts that may have been executed, the latest of each endpoint. What a later attempt is answered does not undo them. */
  doubts: readonly AttemptFailure[] = NO_DOUBTS;
  /** The database that it was written for; `undefined` for a command that was never written. */
  database: Database | undefined;
  /** For a WATCH, and what ends it: what holds over the connection that they go to. */
  watch: Watch | undefined;
  /** The transaction without a pipeline that it belongs to. */
  transaction: OpenTransaction | undefined;
  /** Refusals for overload, which are answered by two further attempts at most. */
  overloads = 0;
  /** How often it was the oldest command on a connection that was given up as silent. */
  stalls = 0;
  /** Time spent waiting so far, without the present wait. */
  waitedMs = 0;
  waitingSince = 0;
  /** How long it may wait in all. It is that of when it had to wait for the first time. */
  deadlineMs: number | undefined;
  /** An error reply that is held back until the transaction's EXEC shows what became of it. */
  heldError: Error | undefined;
  /** Guards against a late answer to an attempt that is no longer the current one. */
  attempt = 0;
  /** Whether it counts against the line's limits; commands that come back from a failed attempt do not. */
  isCounted = false;
  countedBytes = 0;
  /** Where it was called, for whoever follows commands across asynchronous calls. */
  context: AsyncResource | undefined;
  readonly #classify: Classify;
  #safety: Safety | undefined;

  constructor(
    command: IoredisCommand,
    activeEndpointId: string,
    group?: TransactionGroup,
    classify: Classify = commandSafety,
  ) {
    this.command = command;
    this.group = group;
    this.#classify = classify;
    this.boundTo = isAdministration(command) ? activeEndpointId : undefined;
  }

  noteFailure(failure: AttemptFailure): void {
    this.failure = failure;
    if (failure.kind !== 'ambiguous') return;
    this.doubts = [...this.doubts.filter((doubt) => !isOf(doubt, failure.endpointId)), failure];
  }

  /** It turned out that none of its attempts can have been executed. */
  forgetDoubts(): void {
    this.doubts = NO_DOUBTS;
    this.failure = undefined;
  }

  /** It is not going to be sent: what a server keeps for the commands around it cannot be gone on with. */
  giveUpBindings(): void {
    this.watch?.giveUp();
    this.transaction?.giveUp();
    this.group?.watch?.giveUp();
  }

  /** Whether its caller has the answer. The members of a transaction are answered before it is over. */
  get isOver(): boolean {
    if (this.group === undefined) return isSettled(this.command);
    return this.group.exec !== undefined && isSettled(this.group.exec);
  }

  get safety(): Safety {
    return (this.#safety ??= this.group?.safety ?? this.#classify(this.command));
  }
}

/** Size of a command's arguments, near enough for a limit on memory. */
export function argumentBytes(command: IoredisCommand): number {
  let bytes = 0;
  for (const arg of command.args) bytes += Buffer.isBuffer(arg) || typeof arg === 'string' ? arg.length : 8;
  return bytes;
}
