import type { ActiveEndpointView } from '../../lib/dispatch/active-endpoint-view.ts';
import type { DispatcherSetup } from '../../lib/dispatch/dispatcher-setup.ts';
import { Dispatcher } from '../../lib/dispatch/dispatcher.ts';
import type { ConnectionListener } from '../../lib/endpoints/connection.ts';
import type { IoredisCommand, PipelineStream } from '../../lib/ioredis-internals/types.ts';
import type { SubscriptionsMovedEvent } from '../../lib/events.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { parse, stream, transaction } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

/** What the command way knows of the health way, as a spec sets it. */
export class FakeView implements ActiveEndpointView {
  activeEndpointId = 'a';
  epoch = 0;
  hasHealthyEndpoint = true;
  isVerifying = false;
  retryAfterMs = 1_000;
  unavailableForMs = 0;
  activeError: Error | undefined;
  readonly notServing = new Set<string>();
  readonly suspected: string[] = [];
  readonly failures: { readonly endpointId: string; readonly message: string; readonly isRound: boolean }[] = [];

  isServing(endpointId: string): boolean {
    return !this.notServing.has(endpointId);
  }

  suspect(endpointId: string, reason: string): void {
    this.suspected.push(`${endpointId}: ${reason}`);
  }

  recordFailure(endpointId: string, error: Error, options: { readonly isRound: boolean }): void {
    this.failures.push({ endpointId, message: error.message, isRound: options.isRound });
  }
}

/** A dispatcher with connections to two servers that the spec plays. */
export class CommandWay {
  readonly view = new FakeView();
  readonly a: FakeConnection;
  readonly b: FakeConnection;
  readonly dispatcher: Dispatcher;
  readonly quits: IoredisCommand[] = [];
  readonly moves: SubscriptionsMovedEvent[] = [];
  readonly problems: string[] = [];
  wakes = 0;

  constructor(setup: Partial<DispatcherSetup> = {}) {
    const listener: ConnectionListener = {
      ready: () => this.dispatcher.refresh(),
      lost: (connection, items) => this.dispatcher.lost(connection, items),
      refused: (connection, item) => this.dispatcher.refused(connection, item),
      errorReply: (connection, error, item) => this.dispatcher.errorReply(connection, error, item),
    };
    this.a = new FakeConnection('a', listener);
    this.b = new FakeConnection('b', listener);
    this.dispatcher = new Dispatcher({
      view: this.view,
      options: DEFAULTS,
      clock: systemClock,
      maxRetriesPerRequest: 20,
      commandTimeoutMs: undefined,
      blockingTimeout: undefined,
      mayQueueOffline: true,
      resubscribes: true,
      connectionTo: (endpointId) => [this.a, this.b].find((connection) => connection.endpointId === endpointId),
      ask: () => Promise.reject(new Error('nobody is there')),
      onWake: () => this.wakes++,
      onQuit: (command) => this.quits.push(command),
      onSubscriptionsMoved: (moved) => this.moves.push(moved),
      onStateRefused: (error) => this.problems.push(error.message),
      onBackoffFailed: (error) => this.problems.push(error.message),
      onSelected: () => undefined,
      ...setup,
    });
    this.dispatcher.refresh();
  }

  send(line: string): IoredisCommand {
    const sent = parse(line);
    sent.promise.catch(() => undefined);
    this.dispatcher.send(sent);
    return sent;
  }

  sendTransaction(...lines: readonly string[]): IoredisCommand[] {
    const pipeline: PipelineStream = stream();
    const commands = transaction(...lines);
    for (const member of commands) this.dispatcher.send(member, pipeline);
    return commands;
  }

  /** The active endpoint is suspected. */
  stopServing(): void {
    this.view.notServing.add(this.view.activeEndpointId);
    this.dispatcher.refresh();
  }

  serveAgain(): void {
    this.view.notServing.clear();
    this.dispatcher.refresh();
  }

  switchTo(endpointId: string): void {
    this.view.activeEndpointId = endpointId;
    this.view.epoch++;
    this.dispatcher.activeChanged();
  }
}
