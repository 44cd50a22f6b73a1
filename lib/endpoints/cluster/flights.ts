import { createCarrier, settleWithReply } from '../../ioredis-internals/carrier.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { DataConnection } from '../data-connection.ts';
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

export type Passage = Partial<Pick<Flight, 'slot' | 'chunk' | 'onLanded'>>;

/**
 * The commands that are on their way, by what carries them.
 *
 * The application's own object is never sent to a node: that may not be its last one, and a first sending leaves traces.
 */
export class Flights {
  readonly #byCarrier = new WeakMap<IoredisCommand, Flight>();

  /** Sends a command over this connection. */
  depart(item: QueuedCommand, connection: DataConnection, { slot, chunk, onLanded }: Passage = {}): void {
    const { command } = item;
    const flight: Flight = { item, slot, chunk, onLanded };
    const outcome = {
      onReply: (reply: unknown) => {
        settleWithReply(command, reply, connection.condition);
        this.landed(flight);
      },
      onError: (error: Error) => {
        command.reject(error);
        this.landed(flight);
      },
    };
    const carrier = createCarrier(command, outcome, { isTraced: command.isTraced === true });
    // Its first sending is its span.
    command.isTraced = true;
    this.#byCarrier.set(carrier, flight);
    connection.send(carrier, undefined);
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
