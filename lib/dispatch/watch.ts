import { isNamed } from '../commands/is-named.ts';
import { afterError } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type Binding, undo } from './binding.ts';
import { type Socket, isSameSocket } from './socket.ts';

/** Keys that a server watches for one connection: the transaction behind it is executed over that connection or never. */
export class Watch implements Binding {
  /** By WATCH command; `undefined` for one that was not sent yet. */
  readonly #sockets = new Map<IoredisCommand, Socket | undefined>();
  readonly #onEmpty: () => void;
  #isBroken = false;
  isEnded = false;

  /** @param onEmpty None of its WATCHes succeeded, so that nothing is watched. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  add(command: IoredisCommand): void {
    this.#sockets.set(command, undefined);
    afterError(command, () => this.#failed(command));
  }

  sentOver(command: IoredisCommand, socket: Socket): void {
    if (isNamed(command.name, 'watch')) this.#sockets.set(command, socket);
    else this.isEnded = true;
  }

  holdsOn(socket: Socket): boolean {
    return !this.#isBroken && [...this.#sockets.values()].every((own) => isSameSocket(own, socket));
  }

  leave(): void {
    if (this.#sent.length > 0) this.giveUp(); // rare: watch-left
  }

  giveUp(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#isBroken = true;
    for (const socket of this.#sent) undo('unwatch', socket);
  }

  get #sent(): Socket[] {
    return [...this.#sockets.values()].filter((socket) => socket !== undefined);
  }

  /** The server may watch all the same, when it is the time for its reply that was over. */
  #failed(command: IoredisCommand): void {
    if (this.#sockets.size === 1) this.giveUp(); // rare: watch-failed
    this.#sockets.delete(command);
    if (this.#sockets.size === 0) this.#onEmpty();
  }
}
