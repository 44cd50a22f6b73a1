import { isNamed } from '../commands/is-named.ts';
import { afterError, afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import { type Binding, undo } from './binding.ts';
import { type MembersTransaction, type QueuedMember, isExecutedIn } from './queued-member.ts';
import { type Socket, isAlive, isSameSocket } from './socket.ts';
import type { Watch } from './watch.ts';

/** How long after the application was told of a loss its commands are still taken for the rest of the transaction. */
const AFTERMATH_MS = 1_000;

/** MULTI without a pipeline, and what is called behind it up to EXEC or DISCARD. */
export class OpenTransaction implements Binding, MembersTransaction {
  readonly watch: Watch | undefined;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #members: IoredisCommand[] = [];
  /** Of whom it is asked whether they were executed, until that is known. */
  #asked: QueuedMember[] | undefined = [];
  #socket: Socket | undefined;
  /** What comes behind it would be executed by itself: MULTI was refused, or given up, or a member is missing. */
  #isBroken = false;
  #toldAt: number | undefined;
  #isExecSent = false;
  isEnded = false;

  constructor(multi: IoredisCommand, watch: Watch | undefined, clock: Pick<Clock, 'now'>) {
    this.watch = watch;
    this.#clock = clock;
    afterError(multi, () => {
      this.giveUp();
      this.tellLost();
    });
  }

  /** Whether it may have been executed, when it is not known what became of its connection. */
  get isExecSent(): boolean {
    return this.#isExecSent;
  }

  /** Whether it cannot succeed any more, as far as is known without sending anything. */
  get isLost(): boolean {
    return this.#isBroken || (this.#socket !== undefined && !isAlive(this.#socket));
  }

  /** Whether the application knows that it is lost, and has had the time to act on it. */
  get isPast(): boolean {
    return this.#toldAt !== undefined && this.#clock.now() - this.#toldAt >= AFTERMATH_MS;
  }

  add(command: IoredisCommand): void {
    if (isNamed(command.name, 'exec')) {
      afterReply(command, (reply) => this.#settle(reply));
      afterError(command, () => this.#settle(undefined));
    } else if (isNamed(command.name, 'discard')) {
      afterReply(command, () => this.#settle(undefined));
    } else {
      this.#members.push(command);
    }
  }

  /** Tells whether a member, which the server has queued, was executed. */
  whenExecuted(member: QueuedMember): void {
    // Whoever is queued after the end is known, was queued by a connection that is given up.
    if (this.#asked === undefined) return member.then(false); // rare: member-queued-behind-the-end
    this.#asked.push(member);
  }

  sentOver({ name }: IoredisCommand, socket: Socket): void {
    this.#socket = socket;
    this.#isExecSent ||= isNamed(name, 'exec');
    this.isEnded ||= this.#isExecSent || isNamed(name, 'discard');
    if (this.isEnded && this.watch !== undefined) this.watch.isEnded = true;
  }

  /** Something of it was not written after all. */
  notWritten({ name }: IoredisCommand): void {
    if (isNamed(name, 'multi')) this.#socket = undefined; // rare: multi-not-written
    if (isNamed(name, 'exec')) this.#isExecSent = false; // rare: exec-not-written
  }

  isLostOn(socket: Socket): boolean {
    return this.#isBroken || (this.#socket !== undefined && !isSameSocket(this.#socket, socket));
  }

  leave(): void {
    if (this.#socket !== undefined) this.giveUp(); // rare: open-transaction-left
  }

  giveUp(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#isBroken = true;
    if (this.#socket !== undefined) undo('discard', this.#socket);
    this.watch?.giveUp();
  }

  /** A member's caller was told that it is lost. */
  tellLost(): void {
    this.#toldAt ??= this.#clock.now();
    this.#settle(undefined);
  }

  #settle(reply: unknown): void {
    const asked = this.#asked ?? [];
    this.#asked = undefined;
    for (const { command, then } of asked) then(isExecutedIn(reply, this.#members.indexOf(command)));
  }
}
