import type { Connection } from '../endpoints/connection.ts';
import type { GeoFailoverErrorCode } from '../errors.ts';
import type { QueuedCommand } from '../ioredis-internals/types.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import type { ConnectionState } from './connection-state.ts';
import type { EntryBook } from './entry-book.ts';
import { rejectCaller, surface } from './surface.ts';
import type { WaitingCommand } from './waiting-command.ts';

/** ioredis's own text, for the same case. */
const NOT_WRITABLE = "Stream isn't writeable and enableOfflineQueue options is false";

/** Tells callers that their command was given up, and what is known of it. */
export class Rejections {
  readonly #view: ActiveEndpointView;
  readonly #book: EntryBook;
  readonly #state: Pick<ConnectionState, 'refusal'>;
  readonly #tooLate: WaitingCommand[] = [];
  #isClosed = false;

  constructor(view: ActiveEndpointView, book: EntryBook, state: Pick<ConnectionState, 'refusal'>) {
    this.#view = view;
    this.#book = book;
    this.#state = state;
  }

  reject(entry: WaitingCommand, code: GeoFailoverErrorCode): void {
    const { activeEndpointId: endpointId, epoch, retryAfterMs, unavailableForMs, activeError } = this.#view;
    const endpointError = activeError ?? this.#state.refusal;
    surface(entry, code, { endpointId, epoch, retryAfterMs, unavailableForMs, endpointError });
    entry.giveUpBindings();
    entry.transaction?.tellLost();
  }

  /** It was called behind QUIT, or later. As with ioredis, its caller is told when the client is closed. */
  tooLate(entry: WaitingCommand): void {
    if (this.#isClosed) this.reject(entry, 'GEO_CLIENT_CLOSED');
    else this.#tooLate.push(entry);
  }

  /** No endpoint can take them, and the application does not want them to wait for one. */
  offline(entries: readonly WaitingCommand[]): void {
    for (const entry of entries) {
      if (entry.failure === undefined) rejectCaller(entry.command, new Error(NOT_WRITABLE));
      else this.reject(entry, 'GEO_NO_HEALTHY_ENDPOINT');
    }
  }

  /** They waited as long as they may. */
  expired(entries: readonly WaitingCommand[]): void {
    // rare: line-deadline
    const code = this.#view.hasHealthyEndpoint ? 'GEO_DEADLINE_EXCEEDED' : 'GEO_NO_HEALTHY_ENDPOINT';
    for (const entry of entries) this.reject(entry, code);
  }

  /**
   * The client was closed while they waited, or were in flight on this connection. Replies still come after that, and what
   * they refuse goes back into the line.
   */
  closed(waiting: readonly WaitingCommand[], items: readonly QueuedCommand[] = [], connection?: Connection): void {
    this.#isClosed = true;
    if (connection !== undefined) this.#closedInFlight(items, connection);
    for (const entry of [...waiting, ...this.#tooLate.splice(0)]) this.reject(entry, 'GEO_CLIENT_CLOSED');
  }

  #closedInFlight(items: readonly QueuedCommand[], { endpointId, lastError }: Connection): void {
    for (const item of items) {
      // A member whose refusal was held back is in flight no more, and waits for EXEC.
      for (const entry of this.#book.unitOf(this.#book.entryOfItem(item, endpointId), endpointId)) {
        // Without EXEC nothing of a transaction was executed.
        if (entry.transaction?.isExecSent !== false) {
          entry.noteFailure({ kind: 'ambiguous', endpointId, epoch: this.#view.epoch, error: lastError });
        }
        this.reject(entry, 'GEO_CLIENT_CLOSED');
      }
    }
  }
}
