import { ownCommand } from '../ioredis-internals/own-command.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type MembersTransaction, afterExecution } from './queued-member.ts';

/** Subcommands of CLIENT that set something for the connection, of which the last one counts. */
const SETTINGS: ReadonlySet<string> = new Set(['setname', 'no-evict', 'no-touch']);

const TRACKING_OFF = ['tracking', 'off'];

/** What the application set for its connection with CLIENT, and every other connection has to be told as well. */
export class ClientSettings {
  /** By subcommand, in the order in which they were set. */
  readonly #settings = new Map<string, readonly unknown[]>();
  /**
   * CLIENT TRACKING adds prefixes, so that all of its commands count. It begins with OFF, for connections that were used
   * before.
   */
  #tracking: (readonly unknown[])[] = [];

  get isEmpty(): boolean {
    return this.#settings.size === 0 && this.#tracking.length === 0;
  }

  inherit(previous: ClientSettings): void {
    for (const [name, args] of previous.#settings) this.#settings.set(name, args);
    this.#tracking = [...previous.#tracking];
  }

  /**
   * Follows a CLIENT command of the application. Something counts as set when the server said so.
   *
   * @param transactionOf The transaction that the command belongs to. Looked for when the command was answered.
   */
  follow(command: IoredisCommand, transactionOf: () => MembersTransaction | undefined): void {
    const { args } = command;
    const subcommand = String(args[0]).toLowerCase();
    if (SETTINGS.has(subcommand)) {
      afterExecution(command, transactionOf, (isExecuted) => {
        if (isExecuted) this.#set(subcommand, args);
      });
    } else if (subcommand === 'tracking') {
      afterExecution(command, transactionOf, (isExecuted) => {
        if (isExecuted) this.#track(args);
      });
    }
  }

  commands(): IoredisCommand[] {
    return [...this.#settings.values(), ...this.#tracking].map((args) =>
      ownCommand('client', args as (string | Buffer)[]),
    );
  }

  #set(subcommand: string, args: readonly unknown[]): void {
    // Deleted first, so that the latest come last.
    this.#settings.delete(subcommand);
    this.#settings.set(subcommand, args);
  }

  #track(args: readonly unknown[]): void {
    const words = args.map((arg) => String(arg).toLowerCase());
    const isOn = words[1] === 'on';
    if (this.#tracking.length === 0 && isOn) this.#tracking = [TRACKING_OFF];
    // The connection to which messages are redirected is one of the server that was left.
    if (isOn && !words.includes('redirect')) this.#tracking.push(args);
    else this.#tracking = this.#tracking.slice(0, 1);
  }
}
