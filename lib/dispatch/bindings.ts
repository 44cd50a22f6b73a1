import { isNamed } from '../commands/is-named.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import { afterError } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type Socket, isAlive, isSameSocket } from './socket.ts';

/** Something that a server keeps for one connection, from one command of the application to another. */
export interface Binding {
  /** Its last command was sent, or it was given up. */
  readonly isEnded: boolean;
  sentOver(command: IoredisCommand, socket: Socket): void;
  /** It is not gone on with. Its connection may be used again, and shall not go on where it was left. */
  abandon(): void;
}

/** Keys that a server watches for one connection: the transaction behind it is executed over that connection or never. */
export class Watch implements Binding {
  /** By WATCH command; `undefined` for one that was not sent yet. */
  readonly #sockets = new Map<IoredisCommand, Socket | undefined>();
  #isBroken = false;
  isEnded = false;

  add(command: IoredisCommand): void {
    this.#sockets.set(command, undefined);
  }

  sentOver(command: IoredisCommand, socket: Socket): void {
    if (isNamed(command.name, 'watch')) this.#sockets.set(command, socket);
    else this.isEnded = true;
  }

  holdsOn(socket: Socket): boolean {
    return !this.#isBroken && [...this.#sockets.values()].every((own) => isSameSocket(own, socket));
  }

  abandon(): void {
    const sockets = [...this.#sockets.values()].filter((socket) => socket !== undefined);
    if (this.isEnded || sockets.length === 0) return;
    this.isEnded = true;
    this.#isBroken = true;
    for (const socket of sockets) undo('unwatch', socket);
  }
}

/** MULTI without a pipeline, and what is called behind it up to EXEC or DISCARD. */
export class OpenTransaction implements Binding {
  readonly watch: Watch | undefined;
  #socket: Socket | undefined;
  /** MULTI was refused, or given up: what comes behind it would be executed by itself. */
  #isBroken = false;
  #isExecSent = false;
  isEnded = false;

  constructor(multi: IoredisCommand, watch: Watch | undefined) {
    this.watch = watch;
    afterError(multi, () => {
      this.#isBroken = true;
    });
  }

  /** Whether it may have been executed, when it is not known what became of its connection. */
  get isExecSent(): boolean {
    return this.#isExecSent;
  }

  sentOver({ name }: IoredisCommand, socket: Socket): void {
    this.#socket = socket;
    this.#isExecSent ||= isNamed(name, 'exec');
    this.isEnded ||= this.#isExecSent || isNamed(name, 'discard');
    if (this.isEnded && this.watch !== undefined) this.watch.isEnded = true;
  }

  /** Something of it was not written after all. */
  notWritten({ name }: IoredisCommand): void {
    if (isNamed(name, 'multi')) this.#socket = undefined;
    if (isNamed(name, 'exec')) this.#isExecSent = false;
  }

  isLostOn(socket: Socket): boolean {
    return this.#isBroken || (this.#socket !== undefined && !isSameSocket(this.#socket, socket));
  }

  abandon(): void {
    if (this.isEnded || this.#socket === undefined) return;
    this.isEnded = true;
    this.#isBroken = true;
    undo('discard', this.#socket);
  }
}

/** Whether it succeeds is of no interest: it fails when there is nothing to undo any more. */
function undo(name: string, socket: Socket): void {
  if (isAlive(socket)) socket.connection.sendOwn(ownCommand(name, [])).catch(() => undefined);
}
