import { createCarrier, settleWithReply } from '../../ioredis-internals/carrier.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { TransactionChunk } from './transaction-chunk.ts';

/** A command that is on its way to a node, carried by another one. */
export interface Flight {
  /** The command as the dispatcher knows it. */
  readonly item: QueuedCommand;
  /** `undefined` when it has no key. */
  readonly slot: number | undefined;
  /** The transaction that it is a part of. */
  readonly chunk: TransactionChunk | undefined;
  /** Called when it is under way no more. */
  onLanded: (() => void) | undefined;
}

/**
 * The commands that are on their way, by what carries them.
 *
 * The application's own object is never sent to a node: that may not be its last one, and a first sending leaves traces.
 */
export class Flights {
  readonly #byCarrier = new WeakMap<IoredisCommand, Flight>();
  readonly #condition: () => unknown;

  /** @param condition Of the connections, by which replies have to be read. */
  constructor(condition: () => unknown) {
    this.#condition = condition;
  }

  /** @returns what has to be sent. */
  depart(item: QueuedCommand, slot: number | undefined, chunk?: TransactionChunk): IoredisCommand {
    const flight: Flight = { item, slot, chunk, onLanded: undefined };
    const carrier = createCarrier(item.command, {
      onReply: (reply) => {
        settleWithReply(item.command, reply, this.#condition());
        this.landed(flight);
      },
      onError: (error) => {
        item.command.reject(error);
        this.landed(flight);
      },
    });
    this.#byCarrier.set(carrier, flight);
    return carrier;
  }

  find({ command }: QueuedCommand): Flight | undefined {
    return this.#byCarrier.get(command);
  }

  /** Those of what is in a node's queue that carry commands of the application. */
  of(queued: readonly QueuedCommand[]): Flight[] {
    return queued.flatMap((item) => this.find(item) ?? []);
  }

  landed(flight: Flight): void {
    const { onLanded } = flight;
    flight.onLanded = undefined;
    onLanded?.();
  }

  /** These are under way no more. @returns them as the dispatcher knows them. */
  land(queued: readonly QueuedCommand[]): QueuedCommand[] {
    const found = this.of(queued);
    for (const flight of found) this.landed(flight);
    return found.map(({ item }) => item);
  }
}
