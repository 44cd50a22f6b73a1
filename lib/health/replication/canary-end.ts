import type { EndpointClient } from '../../endpoints/endpoint-client.ts';
import { toError } from '../../errors.ts';
import { isServerReply } from '../../commands/failure-kind.ts';
import { closeClient, connectClient } from '../connect-client.ts';

/** What canaries need of an endpoint. */
export interface ReplicationEnd {
  readonly endpointId: string;
  readonly createClient: () => EndpointClient;
  /** Asks it something over a connection that is there already. */
  ask(name: string, args: readonly string[]): Promise<unknown>;
}

export interface CanaryEndSetup {
  readonly end: ReplicationEnd;
  readonly channel: string;
  readonly onHeard: (message: string) => void;
  readonly onLost: (error: Error) => void;
}

/** An endpoint between which and another one canaries fly: publishes on it, and listens there over a connection of its own. */
export class CanaryEnd {
  readonly endpointId: string;
  /** Rejects when it cannot be listened to. */
  readonly isListening: Promise<void>;
  readonly #setup: CanaryEndSetup;
  readonly #closed = new AbortController();
  #made: EndpointClient | undefined;
  /** What the client said by an `error` event: ioredis rejects promises with less. */
  #reason: Error | undefined;

  constructor(setup: CanaryEndSetup) {
    this.#setup = setup;
    this.endpointId = setup.end.endpointId;
    this.isListening = this.#listen();
    // Whoever asks awaits it; when it is closed first, nobody does.
    this.isListening.catch(() => undefined);
  }

  async publish(message: string): Promise<void> {
    await this.#setup.end.ask('PUBLISH', [this.#setup.channel, message]);
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new Error('closed'));
    if (this.#made !== undefined) closeClient(this.#made);
  }

  async #listen(): Promise<void> {
    const { end, channel, onHeard, onLost } = this.#setup;
    const made = end.createClient();
    this.#made = made;
    if (made.kind !== 'command')
      throw new Error(`${this.endpointId} is a Cluster, or has methods only: nothing can be heard there`);
    const { client } = made;
    client.on('error', (error: Error) => {
      this.#reason = error;
    });
    client.on('message', (_channel: string, message: string) => onHeard(message));
    try {
      await connectClient(made, this.#closed.signal);
      client.once('close', () => onLost(new Error('Connection is closed.')));
      await client.subscribe(channel);
    } catch (error) {
      throw isServerReply(toError(error)) ? error : (this.#reason ?? error);
    }
  }
}
