import type { RedisOptions } from 'ioredis';
import type { ConnectionListener } from '../../lib/endpoints/connection.ts';
import { DataConnection } from '../../lib/endpoints/data-connection.ts';
import { createEndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import type { IoredisCommand, QueuedCommand } from '../../lib/ioredis-internals/types.ts';
import { parse, print } from '../dispatch/commands.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { type PlayedConnection, PlayedServer } from '../support/played-server.ts';
import { endpointOf } from './endpoint-of.ts';

export const HANDSHAKE_MS = 1_000;

/** A connection to a server that the spec plays, with a log of all that its listener is told. */
export class ConnectionBench implements ConnectionListener {
  readonly server = new PlayedServer();
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  /** What the spec does in the moment in which the connection is ready. */
  onReady: () => void = () => undefined;
  #connection: DataConnection | undefined;
  #onLog: () => void = () => undefined;

  async open(redis: RedisOptions = {}, authenticate?: () => Promise<void>): Promise<void> {
    await this.server.start();
    const { host, port } = this.server;
    const made = createEndpointClient(endpointOf({ host, port, ...redis }), 'data');
    if (made.kind !== 'command') throw new Error('It is an ioredis client');
    this.#connection = new DataConnection({
      endpointId: 'a',
      client: made.client,
      authenticate,
      listener: this,
      clock: this.clock,
      handshakeTimeoutMs: () => HANDSHAKE_MS,
    });
  }

  close(): void {
    this.connection.close();
    this.server.close();
  }

  get connection(): DataConnection {
    if (this.#connection === undefined) throw new Error('The bench is not open');
    return this.#connection;
  }

  ready({ epoch, isReady }: DataConnection): void {
    this.onReady();
    this.#note(`ready ${epoch} ${isReady}`);
  }

  lost(_connection: unknown, items: QueuedCommand[]): void {
    this.#note(`lost: ${printItems(items)}`);
  }

  refused(_connection: unknown, item: QueuedCommand): void {
    this.#note(`refused: ${printItems([item])}`);
  }

  /** Takes LOADING, and no other error. */
  errorReply(_connection: unknown, error: Error, item: QueuedCommand): boolean {
    this.#note(`${error.message}: ${printItems([item])}`);
    return error.message.startsWith('LOADING');
  }

  handshakeRefused(_connection: unknown, error: Error): void {
    this.#note(`not let in: ${error.message}`);
  }

  logged(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onLog = () => {
        if (this.log.includes(line)) resolve();
      };
      this.#onLog();
    });
  }

  /** Resolves with the server's side when the connection is ready. */
  async start(): Promise<PlayedConnection> {
    this.connection.start();
    await this.logged('ready 1 true');
    this.log.length = 0;
    return this.server.connection();
  }

  /** Sends the commands, and resolves when the server has them. */
  async inFlight(...lines: string[]): Promise<IoredisCommand[]> {
    const { received } = this.server.connections.at(-1)!;
    const sent = lines.map(parse);
    for (const command of sent) this.connection.send(command, undefined);
    await this.server.waitFor(() => lines.every((line) => received.includes(line)));
    return sent;
  }

  /** Resolves when the attempt with this number hangs in the handshake, which the server does not answer. */
  async hangs(attempt: number): Promise<PlayedConnection> {
    const wire = await this.server.connection(attempt);
    await this.server.waitFor(() => wire.received.includes('info'));
    return wire;
  }

  #note(line: string): void {
    this.log.push(line);
    this.#onLog();
  }
}

function printItems(items: readonly QueuedCommand[]): string {
  return items.map(({ command }) => print(command)).join(', ');
}
