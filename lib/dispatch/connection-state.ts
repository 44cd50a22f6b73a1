import { isServerReply, replyFailureKind } from '../commands/failure-kind.ts';
import {
  KIND_OF_MESSAGE,
  SUBSCRIPTION_KINDS,
  type SubscriptionKind,
  subscriptionCommand,
} from '../commands/subscription-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import type { SubscriptionsMovedEvent } from '../events.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import { afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand, PushedMessage } from '../ioredis-internals/types.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import { ClientSettings } from './client-settings.ts';
import { DesiredSubscriptions, unsubscribeAll } from './desired-subscriptions.ts';
import { type OnBackoffFailed, RefusalRetry } from './refusal-retry.ts';
import { SelectedDatabase } from './selected-database.ts';
import { type Socket, isAlive, isSameSocket, socketOf } from './socket.ts';

export interface ConnectionStateSetup {
  readonly options: Pick<ResolvedOptions, 'retry'>;
  readonly view: Pick<ActiveEndpointView, 'recordFailure' | 'suspect'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Whether subscriptions outlast their connection. */
  readonly resubscribes: boolean;
  /** Whether commands may go to a connection has to be asked anew. */
  readonly onChange: () => void;
  /** The application selected another database. */
  readonly onSelected: (database: number) => void;
  /** Subscriptions were made again on another connection. */
  readonly onSubscriptionsMoved: (moved: SubscriptionsMovedEvent) => void;
  /** A server does not let the connection have a subscription or a setting, without which commands go on, or its database. */
  readonly onStateRefused: (error: Error) => void;
  readonly onBackoffFailed: OnBackoffFailed;
}

/** What the application made of its connection, and every other one has to become before commands go there. */
export class ConnectionState {
  readonly database: SelectedDatabase;
  readonly settings = new ClientSettings();
  readonly subscriptions = new DesiredSubscriptions();
  readonly #setup: ConnectionStateSetup;
  readonly #retry: RefusalRetry;
  /** The connection that has it all. From then on the application's own commands keep it right. */
  #applied: Socket | undefined;
  #asked: Socket | undefined;
  #refusal: Error | undefined;
  /** Since when nothing is heard. */
  #interruption: { readonly from: string; readonly since: number } | undefined;
  /** What a connection that was left tells from before is older than what others have told since. */
  readonly #deaf = new Set<SubscriptionKind>();

  constructor(setup: ConnectionStateSetup) {
    this.#setup = setup;
    this.#retry = new RefusalRetry(setup.options, setup.onBackoffFailed);
    this.database = new SelectedDatabase(setup.onChange, setup.onSelected);
  }

  /** Whether messages that arrive are those of the subscriptions that were made on the connection last. */
  hears({ event }: PushedMessage): boolean {
    return !this.#deaf.has(KIND_OF_MESSAGE[event]);
  }

  /** Goes on where an earlier client of the application ended. */
  inherit(previous: ConnectionState): void {
    this.database.inherit(previous.database);
    this.settings.inherit(previous.settings);
    this.subscriptions.inherit(previous.subscriptions);
  }

  /** Why commands wait: what a server answered when it was asked for the state. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /**
   * Whether commands may go to this connection. When something is missing it is asked for first: what is sent behind a
   * SELECT that fails would be executed in the wrong database.
   */
  isRestoredOn(connection: Connection): boolean {
    const socket = socketOf(connection);
    if (this.#asked !== undefined && !isSameSocket(this.#asked, socket)) this.#askNoMore(); // rare: restoring-overtaken
    if (isSameSocket(this.#applied, socket)) return true;
    if (isSameSocket(this.#asked, socket) || this.database.isAskedElsewhere(socket)) return false;
    if (!this.#setup.resubscribes) this.subscriptions.clear();
    const isSilent = this.subscriptions.isEmpty && !connection.isSubscribed;
    if (isSilent && this.settings.isEmpty && this.database.isSelectedOn(connection)) {
      this.#applied = socket;
      this.#interruption = undefined;
      this.#deaf.clear();
      return true;
    }
    this.#asked = socket;
    this.#retry.start(() => this.#restore(socket));
    return false;
  }

  /** The connection is gone, or another one is used from now on. */
  interrupted(connection: Connection): void {
    if ((this.#applied ?? this.#asked)?.connection !== connection) return;
    for (const kind of SUBSCRIPTION_KINDS) this.#deaf.add(kind);
    // While another one is used it may be told to give its subscriptions up.
    this.#applied = undefined;
    if (this.subscriptions.isEmpty) return;
    this.#interruption ??= { from: connection.endpointId, since: this.#setup.clock.now() };
  }

  /**
   * A command goes back into the line behind others that were called after it. What it does to subscriptions is put right
   * when it was answered.
   */
  overtaken(command: IoredisCommand): void {
    if (subscriptionCommand(command.name) === undefined) return;
    const putRight = (): void => {
      // rare: overtaken-subscription-put-right
      this.#applied = undefined;
      this.#setup.onChange();
    };
    command.promise.then(putRight, putRight);
  }

  #askNoMore(): void {
    this.#asked = undefined;
    this.#refusal = undefined;
    this.#retry.cancel();
  }

  async #restore(socket: Socket): Promise<void> {
    const { connection } = socket;
    const isWanted = (): boolean => this.#asked === socket && isAlive(socket);
    if (!isWanted()) return;
    try {
      const isSelected = this.database.isSelectedOn(connection);
      if (!isSelected || !this.settings.isEmpty) await this.#setUp(connection, isSelected);
      await this.#reconcile(socket);
    } catch (error) {
      if (!isWanted()) return; // rare: restoring-failed-in-vain
      // rare: restoring-refused
      this.#refused(connection, error as Error);
      throw error;
    }
    if (!isWanted()) return; // rare: restored-in-vain
    // A SELECT of the application, which was under way over it, has been answered meanwhile.
    if (!this.database.isSelectedOn(connection)) return this.#restore(socket); // rare: database-changed-while-restoring
    this.#asked = undefined;
    this.#refusal = undefined;
    this.#applied = socket;
    this.#deaf.clear();
    this.#tellMoved(connection);
    this.#setup.onChange();
  }

  async #setUp(connection: Connection, isSelected: boolean): Promise<void> {
    // With RESP2 a connection that hears anything takes no SELECT and no CLIENT.
    if (connection.isSubscribed) {
      // rare: subscriptions-given-up-for-a-setting
      await Promise.all(unsubscribeAll(connection).map((command) => connection.sendOwn(command)));
    }
    if (!isSelected) await this.database.selectOn(connection);
    await Promise.all(this.settings.commands().map((command) => this.#set(connection, command)));
  }

  async #set(connection: Connection, command: IoredisCommand): Promise<void> {
    try {
      await connection.sendOwn(command);
    } catch (error) {
      if (!isFinal(command, error)) throw error;
      this.#setup.onStateRefused(error);
    }
  }

  /** A connection that was used before may hear what is not wanted any more. */
  async #reconcile(socket: Socket): Promise<void> {
    const { connection } = socket;
    const heard = (kind: SubscriptionKind): readonly string[] => connection.subscribedTo(kind);
    const unwanted = this.subscriptions.unwantedOn(heard).map((command) => connection.sendOwn(command));
    // All of it: what the connection hears just now may have been given up already, when it was left.
    const wanted = SUBSCRIPTION_KINDS.flatMap((kind) => {
      const commands = this.subscriptions.commands(kind);
      let unanswered = commands.length;
      // At once: the first new message may be read in the same turn.
      const made = (): void => {
        if (--unanswered === 0 && this.#asked === socket) this.#deaf.delete(kind);
      };
      for (const command of commands) afterReply(command, made);
      return commands.map((command) => this.#subscribe(connection, command));
    });
    await Promise.all([...unwanted, ...wanted]);
  }

  async #subscribe(connection: Connection, command: IoredisCommand): Promise<void> {
    try {
      await connection.sendOwn(command);
    } catch (error) {
      const { name, args } = command;
      if (!isFinal(command, error)) throw error;
      // One name that the user may not have there shall not keep all others, and all commands, waiting.
      if (args.length === 1) {
        this.#setup.onStateRefused(error);
        return;
      }
      await Promise.all(args.map((arg) => this.#subscribe(connection, ownCommand(name, [arg as Buffer]))));
    }
  }

  #tellMoved({ endpointId: to }: Connection): void {
    const interruption = this.#interruption;
    this.#interruption = undefined;
    if (interruption === undefined || this.subscriptions.isEmpty) return;
    const { clock, onSubscriptionsMoved } = this.#setup;
    onSubscriptionsMoved({ from: interruption.from, to, blindMs: clock.now() - interruption.since });
  }

  /** It is asked again after a pause; an endpoint that goes on refusing is left. */
  #refused({ endpointId }: Connection, error: Error): void {
    const { view, onStateRefused } = this.#setup;
    if (this.#refusal === undefined && isFinal({ name: 'select' }, error)) onStateRefused(error);
    this.#refusal = error;
    view.recordFailure(endpointId, error, { isRound: true });
    view.suspect(endpointId, 'rejected');
  }
}

/** Whether the server will not answer otherwise when it is asked again. */
function isFinal({ name }: Pick<IoredisCommand, 'name'>, error: unknown): error is Error {
  return isServerReply(error) && replyFailureKind(name, error.message) === 'answered';
}
