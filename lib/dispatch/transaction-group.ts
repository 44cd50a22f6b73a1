import { commandSafety } from '../commands/command-safety.ts';
import type { Safety } from '../commands/retry-decision.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { WaitingCommand } from './waiting-command.ts';

/** Least repeatable first. */
const STRICTEST_FIRST: readonly Safety[] = ['other-write', 'effect', 'effect-and-reply'];

/**
 * A MULTI … EXEC that a pipeline sends. It is remembered because it moves as a whole: by the time EXEC fails, its members
 * have been answered with QUEUED and are in no queue any more.
 */
export class TransactionGroup {
  readonly commands: IoredisCommand[] = [];
  /** Members whose refusal is kept back until EXEC is answered. */
  held: WaitingCommand[] = [];
  /** A member was refused for the application's own reason, which no other endpoint would judge otherwise. */
  hasAnsweredError = false;
  #isExecWatched = false;
  #safety: Safety | undefined;

  /** The class of the whole: that of its least repeatable member. */
  get safety(): Safety {
    if (this.#safety === undefined) {
      const classes = new Set(this.commands.slice(1, -1).map((command) => commandSafety(command)));
      this.#safety = STRICTEST_FIRST.find((safety) => classes.has(safety)) ?? 'read-only';
    }
    return this.#safety;
  }

  get exec(): IoredisCommand | undefined {
    const last = this.commands.at(-1);
    return last !== undefined && isExec(last) ? last : undefined;
  }

  hold(member: WaitingCommand, error: Error): void {
    member.heldError = error;
    this.held.push(member);
    this.#watchExec();
  }

  /** EXEC was answered: callers of held members get their refusal. */
  releaseHeld(): void {
    for (const { command, heldError } of this.held) if (heldError !== undefined) command.reject(heldError);
    this.held = [];
  }

  resetForNextAttempt(): void {
    this.held = [];
    this.hasAnsweredError = false;
  }

  /** Redis aborts a transaction with a refused member. Should EXEC succeed all the same, nobody may be left waiting. */
  #watchExec(): void {
    const { exec } = this;
    if (exec === undefined || this.#isExecWatched) return;
    this.#isExecWatched = true;
    const { resolve } = exec;
    exec.resolve = (reply) => {
      this.releaseHeld();
      resolve.call(exec, reply);
    };
  }
}

/** Remembers transactions from MULTI to EXEC while they are sent. */
export class TransactionLedger {
  readonly #groups = new WeakMap<IoredisCommand, TransactionGroup>();
  #open: TransactionGroup | undefined;
  #openStream: PipelineStream | undefined;

  /** Called with each command that a pipeline sends as part of a transaction, MULTI and EXEC included. */
  note(command: IoredisCommand, stream: PipelineStream): void {
    if (this.#open === undefined || this.#openStream !== stream || isNamed(command, 'multi')) {
      this.#open = new TransactionGroup();
      this.#openStream = stream;
    }
    this.#open.commands.push(command);
    this.#groups.set(command, this.#open);
    if (isExec(command) || isNamed(command, 'discard')) {
      this.#open = undefined;
      this.#openStream = undefined;
    }
  }

  groupOf(command: IoredisCommand): TransactionGroup | undefined {
    return this.#groups.get(command);
  }
}

export function isExec(command: IoredisCommand): boolean {
  return isNamed(command, 'exec');
}

function isNamed(command: IoredisCommand, name: string): boolean {
  return command.name.length === name.length && command.name.toLowerCase() === name;
}
