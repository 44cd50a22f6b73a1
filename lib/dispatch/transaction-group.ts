import { commandSafety } from '../commands/command-safety.ts';
import type { Classify } from '../commands/declared-commands.ts';
import { isNamed } from '../commands/is-named.ts';
import type { Safety } from '../commands/retry-decision.ts';
import { afterError, afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import { type MembersTransaction, type QueuedMember, isExecutedIn } from './queued-member.ts';
import type { Watch } from './watch.ts';

/** Least repeatable first. */
const STRICTEST_FIRST: readonly Safety[] = ['other-write', 'effect', 'effect-and-reply'];

const NONE: readonly HeldMember[] = [];

/** Where a pipeline's stream keeps its transactions. A WeakMap costs a quarter of their speed, in the garbage collector. */
const TRANSACTIONS = Symbol('transactions');

interface StreamWithTransactions extends PipelineStream {
  [TRANSACTIONS]?: TransactionGroup[];
}

/** A member whose refusal is kept back until EXEC is answered. */
export interface HeldMember {
  readonly command: IoredisCommand;
  heldError: Error | undefined;
}

/**
 * A MULTI … EXEC that a pipeline sends. It is remembered because it moves as a whole: by the time EXEC fails, its members
 * have been answered with QUEUED and are in no queue any more.
 */
export class TransactionGroup implements MembersTransaction {
  readonly commands: IoredisCommand[] = [];
  /** Members whose refusal is kept back until EXEC is answered. */
  held: readonly HeldMember[] = NONE;
  /** A member was refused for the application's own reason, which no other endpoint would judge otherwise. */
  hasAnsweredError = false;
  /** What has to hold for it to be executed. */
  watch: Watch | undefined;
  /** Its MULTI found no room in the line, so that nothing of it may wait. */
  isTurnedAway = false;
  readonly #classify: Classify;
  #isExecWatched = false;
  /** Made when somebody asks, which is when something failed. */
  #members: ReadonlySet<IoredisCommand> | undefined;
  #safety: Safety | undefined;

  constructor(classify: Classify = commandSafety) {
    this.#classify = classify;
  }

  /** The class of the whole: that of its least repeatable member. */
  get safety(): Safety {
    if (this.#safety === undefined) {
      const classes = new Set(this.commands.slice(1, -1).map((member) => this.#memberSafety(member)));
      this.#safety = STRICTEST_FIRST.find((safety) => classes.has(safety)) ?? 'read-only';
    }
    return this.#safety;
  }

  get exec(): IoredisCommand | undefined {
    const last = this.commands.at(-1);
    return last !== undefined && isExec(last) ? last : undefined;
  }

  has(command: IoredisCommand): boolean {
    if (this.#members?.size !== this.commands.length) this.#members = new Set(this.commands);
    return this.#members.has(command);
  }

  whenExecuted({ command, then }: QueuedMember): void {
    const { exec } = this;
    if (exec === undefined) return then(false);
    afterReply(exec, (reply) => then(isExecutedIn(reply, this.commands.indexOf(command) - 1)));
    afterError(exec, () => then(false));
  }

  hold(member: HeldMember, error: Error): void {
    member.heldError = error;
    this.held = [...this.held, member];
    this.#watchExec();
  }

  /** EXEC was answered: callers of held members get their refusal. */
  releaseHeld(): void {
    for (const { command, heldError } of this.held) if (heldError !== undefined) command.reject(heldError);
    this.held = NONE;
  }

  resetForNextAttempt(): void {
    this.held = NONE;
    this.hasAnsweredError = false;
  }

  /** Where a message may be repeated, what it is sent with may not. */
  #memberSafety(command: IoredisCommand): Safety {
    const safety = this.#classify(command);
    return safety === 'message' ? 'other-write' : safety;
  }

  /** Redis aborts a transaction with a refused member. Should EXEC succeed all the same, nobody may be left waiting. */
  #watchExec(): void {
    const { exec } = this;
    if (exec === undefined || this.#isExecWatched) return;
    this.#isExecWatched = true;
    const { resolve } = exec;
    exec.resolve = (reply) => {
      // rare: exec-succeeds-behind-a-refused-member
      this.releaseHeld();
      resolve.call(exec, reply);
    };
  }
}

/** Remembers transactions from MULTI to EXEC while they are sent. Cheap, because every transaction comes through here. */
export class TransactionLedger {
  readonly #classify: Classify;
  #open: TransactionGroup | undefined;
  #openStream: PipelineStream | undefined;

  constructor(classify: Classify = commandSafety) {
    this.#classify = classify;
  }

  /** Called with each command that a pipeline sends as part of a transaction, MULTI and EXEC included. */
  note(command: IoredisCommand, stream: PipelineStream): void {
    if (this.#open !== undefined && this.#openStream === stream && command.inTransaction) {
      if (command.name !== 'multi') {
        this.#open.commands.push(command);
        return;
      }
    }
    this.#beginOrEnd(command, stream);
  }

  groupOf(command: IoredisCommand, stream: PipelineStream | undefined): TransactionGroup | undefined {
    if (stream === undefined) return undefined;
    return (stream as StreamWithTransactions)[TRANSACTIONS]?.find((group) => group.has(command));
  }

  #beginOrEnd(command: IoredisCommand, stream: StreamWithTransactions): void {
    if (command.inTransaction || this.#open === undefined || this.#openStream !== stream) {
      this.#open = new TransactionGroup(this.#classify);
      this.#openStream = stream;
      const groups = stream[TRANSACTIONS];
      if (groups === undefined) stream[TRANSACTIONS] = [this.#open];
      else groups.push(this.#open);
    }
    this.#open.commands.push(command);
    if (command.inTransaction) return;
    this.#open = undefined;
    this.#openStream = undefined;
  }
}

export function isExec(command: IoredisCommand): boolean {
  return isNamed(command.name, 'exec');
}
